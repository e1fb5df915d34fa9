// @vitest-environment happy-dom
/** What a visitor sees and does, with a log in memory behind it. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MemoryDb } from "../../client/db";
import { noTabs } from "../../client/tabs";
import { Visitor } from "../../client/visitor";
import { FakeLog } from "../../dev/fake-log";
import { FakeWorld, seeded } from "../../dev/fake-world";
import { Model } from "../model";
import { mount } from "../mount";

const AGENT = { role: "agent", id: "a", name: "Anna" };

let log: FakeLog;
let model: Model;
let root: HTMLElement;
let unmount: () => void;

const all = (id: string) => [...root.querySelectorAll<HTMLElement>(`[data-testid=${id}]`)];
const texts = () => all("message-text").map((one) => one.textContent);

beforeEach(async () => {
  log = new FakeLog();
  const world = new FakeWorld(log, (token) => (token ? { role: "visitor", id: token } : null), seeded(1));
  vi.stubGlobal("fetch", async () =>
    new Response(JSON.stringify({ token: "v", visitor: "v", conversation: null, ws: "", expires_at: "2999-01-01T00:00:00Z", resume: "r" })),
  );
  const config = { base: "", site: "s", locale: "en", page: () => ({ url: "https://x/" }) };
  const visitor = new Visitor(config, new MemoryDb(), world, noTabs);
  model = new Model(visitor, ["en"], false);
  root = document.createElement("div");
  document.body.replaceChildren(root);
  unmount = mount(model, root);
  await visitor.start();
});

afterEach(() => {
  unmount();
  model.visitor.client.stop();
  vi.unstubAllGlobals();
});

/** As a person does it: into the field, then Enter. */
function write(text: string): HTMLTextAreaElement {
  const field = all("composer")[0] as HTMLTextAreaElement;
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
  return field;
}

const conversation = () => vi.waitFor(() => expect(model.visitor.conversation.value).not.toBeNull()).then(() => model.visitor.conversation.value!);

describe("the window", () => {
  it("opens with the focus in the field", () => {
    all("launcher")[0]!.click();
    expect(document.activeElement).toBe(all("composer")[0]);
  });

  it("shows exactly what was written, as text, and empties the field that stays the same", async () => {
    model.toggle(true);
    const field = write("<img src=x> see https://example.org/a.\nBye");
    expect(field.value).toBe("");
    await conversation();
    await vi.waitFor(() => expect(all("message")[0]!.dataset["state"]).toBe("sent"));
    expect(texts()).toEqual(["<img src=x> see https://example.org/a.\nBye"]);
    expect(root.querySelector("img")).toBeNull();
    expect(root.querySelector("a")!.getAttribute("href")).toBe("https://example.org/a");
    expect(all("composer")[0]).toBe(field);
  });

  it("keeps its elements when others come before, between and after them", async () => {
    model.toggle(true);
    write("one");
    const id = await conversation();
    const first = all("message")[0];
    log.command(AGENT, { op: "post", id: "m", conversation: id, body: { text: "two" } });
    await vi.waitFor(() => expect(texts()).toEqual(["one", "two"]));
    expect(all("message")[0]).toBe(first);
  });

  it("asks for a rating after each end, and only once", async () => {
    model.toggle(true);
    write("one");
    const id = await conversation();
    for (const turn of ["first", "second"]) {
      log.command(AGENT, { op: "close", id: `close ${turn}`, conversation: id });
      await vi.waitFor(() => expect(all("rate-4")).toHaveLength(1));
      (all("rate-4")[0] as HTMLInputElement).checked = true;
      all("rate-4")[0]!.dispatchEvent(new Event("change", { bubbles: true }));
      all("rate-send")[0]!.click();
      await vi.waitFor(() => expect(all("rated")).toHaveLength(1));
      log.command(AGENT, { op: "reopen", id: `reopen ${turn}`, conversation: id });
      await vi.waitFor(() => expect(all("ended")).toHaveLength(0));
    }
  });
});
