/** The chat as a visitor has it, over a log in memory: for tests. */
import { signal } from "@preact/signals-core";
import { vi } from "vitest";
import { PageBlobs } from "../../client/blobs";
import { MemoryDb } from "../../client/db";
import { noTabs } from "../../client/tabs";
import { Visitor } from "../../client/visitor";
import { FakeLog } from "../../dev/fake-log";
import { FakeWorld, seeded } from "../../dev/fake-world";
import { Button } from "../loader/button";
import type { Channel } from "../loader/setup";
import { Model } from "../model";
import { mount, shows } from "../mount";
import { completed, type Site } from "../site";
import type { FileStore } from "../state/attachments";
import { Tongue } from "../state/tongue";

export const AGENT = { role: "agent", id: "a", name: "Anna" };

interface Given {
  site?: Partial<Site>;
  channel?: Channel;
  files?: FileStore | Promise<FileStore>;
}

export type Setting = Awaited<ReturnType<typeof setting>>;

export async function setting({ site = {}, channel = "widget", files }: Given = {}) {
  localStorage.clear();
  sessionStorage.clear();
  const log = new FakeLog();
  const world = new FakeWorld(log, (token) => (token ? { role: "visitor", id: token } : null), seeded(1));
  const session = { token: "v", visitor: "v", conversation: null, ws: "", expires_at: "2999-01-01T00:00:00Z", resume: "r" };
  vi.stubGlobal("fetch", async () => new Response(JSON.stringify(session)));
  const config = { base: "", site: "s", locale: "en", page: () => ({ url: "https://x/" }) };
  const db = new MemoryDb();
  const visitor = new Visitor(config, db, world, noTabs);
  const ways = { blobs: new PageBlobs(), tabs: noTabs, world, open: async () => files! };
  const said = signal(completed(site));
  const button = new Button();
  const place = { channel, key: "k", base: "", id: "s", site: said, leaving: () => () => {}, ways };
  const model = new Model(visitor, await Tongue.of("k", "en", null), place);
  const root = document.createElement("div");
  document.body.replaceChildren(root);
  root.append(button.element);
  const ends = [mount(model, root), shows(model, button, root)];
  await visitor.start();
  return {
    log, world, db, ways, model, root, site: said, button: button.element,
    all: (id: string) => [...root.querySelectorAll<HTMLElement>(`[data-testid=${id}]`)],
    end(): void {
      ends.forEach((end) => end());
      visitor.client.stop();
      vi.unstubAllGlobals();
    },
  };
}
