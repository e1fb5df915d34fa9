// @vitest-environment happy-dom
/** What a visitor sees and does, with a log in memory behind it. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AGENT, setting, type Setting } from "./setting";

let here: Setting;

const all = (id: string) => here.all(id);
const texts = () => all("message-text").map((one) => one.textContent);

beforeEach(async () => void (here = await setting()));
afterEach(() => here.end());

/** Also on a machine with much else to do. */
const SOON = { timeout: 5_000 };

/** As a person does it: into the field, then Enter. */
function write(text: string): HTMLTextAreaElement {
  const field = all("composer")[0] as HTMLTextAreaElement;
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
  return field;
}

const conversation = () => vi.waitFor(() => expect(here.model.visitor.conversation.value).not.toBeNull()).then(() => here.model.visitor.conversation.value!);

describe("the window", () => {
  it("opens with the focus in the field", () => {
    all("launcher")[0]!.click();
    expect(document.activeElement).toBe(all("composer")[0]);
  });

  it("shows exactly what was written, as text, and empties the field that stays the same", async () => {
    here.model.toggle(true);
    const field = write("<img src=x> see https://example.org/a.\nBye");
    expect(field.value).toBe("");
    await conversation();
    await vi.waitFor(() => expect(all("message")[0]!.dataset["state"]).toBe("sent"));
    expect(texts()).toEqual(["<img src=x> see https://example.org/a.\nBye"]);
    expect(here.root.querySelector("img")).toBeNull();
    expect(here.root.querySelector("a")!.getAttribute("href")).toBe("https://example.org/a");
    expect(all("composer")[0]).toBe(field);
  });

  it("keeps its elements when others come before, between and after them", async () => {
    here.model.toggle(true);
    write("one");
    const id = await conversation();
    const first = all("message")[0];
    here.log.command(AGENT, { op: "post", id: "m", conversation: id, body: { text: "two" } });
    await vi.waitFor(() => expect(texts()).toEqual(["one", "two"]));
    expect(all("message")[0]).toBe(first);
  });

  it("asks for a rating after each end, and only once", async () => {
    here.model.toggle(true);
    write("one");
    const id = await conversation();
    here.log.command(AGENT, { op: "close", id: "unanswered", conversation: id });
    await vi.waitFor(() => expect(all("ended")).toHaveLength(1), SOON);
    expect(all("rate-4")).toHaveLength(0);
    here.log.command(AGENT, { op: "reopen", id: "again", conversation: id });
    await vi.waitFor(() => expect(all("ended")).toHaveLength(0), SOON);
    here.log.command(AGENT, { op: "post", id: "answer", conversation: id, body: { text: "two" } });
    for (const turn of ["first", "second"]) {
      here.log.command(AGENT, { op: "close", id: `close ${turn}`, conversation: id });
      await vi.waitFor(() => expect(all("rate-4")).toHaveLength(1), SOON);
      (all("rate-4")[0] as HTMLInputElement).checked = true;
      all("rate-4")[0]!.dispatchEvent(new Event("change", { bubbles: true }));
      all("rate-send")[0]!.click();
      await vi.waitFor(() => expect(all("rated")).toHaveLength(1), SOON);
      here.log.command(AGENT, { op: "reopen", id: `reopen ${turn}`, conversation: id });
      await vi.waitFor(() => expect(all("ended")).toHaveLength(0), SOON);
    }
  });
});
