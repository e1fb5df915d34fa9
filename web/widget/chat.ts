/**
 * The chat itself, as the loader fetches it: the client, the model and the drawing, put together in
 * the element that the loader has made.
 */
import { effect, signal } from "@preact/signals-core";
import { openBlobs } from "../client/blobs";
import { openDb } from "../client/db";
import type { Identity } from "../client/door";
import { browserWorld } from "../client/ports";
import { browserTabs } from "../client/tabs";
import type { Introduction } from "../client/types";
import { Visitor } from "../client/visitor";
import type { Button } from "./loader/button";
import type { Frame } from "./loader/frame";
import { pageNow } from "./loader/path";
import { refresh } from "./loader/settings";
import { store } from "./loader/stored";
import { leave } from "./leave";
import { Model } from "./model";
import { mount, shows } from "./mount";
import type { FileStore } from "./state/attachments";
import { Tongue } from "./state/tongue";
import css from "./styles.css?inline";

/** What the page may ask for. */
export interface Chat {
  open(): void;
  close(): void;
  identify(who: Identity): Promise<void>;
  signOut(): Promise<void>;
  /** For pages that change without a load. */
  page(): void;
  /** What the page knows of its visitor: name, email, phone, and attributes of its own. */
  set(what: Introduction): void;
}

export async function start(frame: Frame, button: Button): Promise<Chat> {
  const { setup, key, channel } = frame;
  const site = signal(frame.site);
  const [db, blobs, tongue] = await Promise.all([openDb(key), openBlobs(key), Tongue.of(key, setup.language, frame.site.appearance.language)]);
  const tabs = browserTabs(key, db, browserWorld);
  const visitor = new Visitor({ base: setup.base, site: setup.site, locale: tongue.tag, page: pageNow, path: frame.path }, db, browserWorld, tabs);
  const leaving = () => {
    const inside = frame.root.activeElement !== null;
    return () => void (inside && button.element.focus());
  };
  const ways = { blobs, tabs, world: browserWorld, open: () => files(visitor, setup.base) };
  const model = new Model(visitor, tongue, { channel, key, site, base: setup.base, id: setup.site, leaving, ways });
  frame.changed = () => (site.value = frame.site);
  frame.dress(css);
  mount(model, frame.root);
  if (channel === "widget") shows(model, button, frame.host);
  listen(model, frame);
  await visitor.start(setup.identity);
  model.greeter.page(location.href, performance.now());
  return calls(model);
}

/** What sends files is fetched with the first of them. */
async function files(visitor: Visitor, base: string): Promise<FileStore> {
  const { Uploads } = await import("../client/uploads");
  return new Uploads({ base, token: (stale) => visitor.token(stale) }, browserWorld);
}

function listen(model: Model, frame: Frame): void {
  const { stage, visitor } = model;
  stage.watch(() => visitor.client.wake());
  stage.opened(() => void refresh(frame));
  addEventListener("pagehide", () => void visitor.client.books.flush());
  // The next page then fetches the chat at once.
  if (frame.channel === "link") effect(() => void (document.documentElement.lang = model.tongue.tag));
  effect(() => store(`${frame.key}:talks`, model.talking.value && !model.closed.value));
}

function calls(model: Model): Chat {
  const { visitor, visits } = model;
  return {
    open: () => model.toggle(true),
    close: () => model.toggle(false),
    identify: (who) => visitor.identify(who),
    signOut: () => leave(model),
    page: () => {
      visits.page();
      visitor.viewed();
      model.greeter.page(location.href, 0);
    },
    set: ({ name, email, phone, attributes }) => {
      const known = Object.entries({ name, email, phone, attributes }).filter(([, value]) => value !== undefined);
      if (email) visits.change((visit) => ({ ...visit, reachable: true }));
      if (known.length > 0) void visitor.tell("introduce", Object.fromEntries(known));
    },
  };
}
