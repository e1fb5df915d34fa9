/** Half-written words outlive the page, for their writer only. */
import { expect, it } from "vitest";
import { Drafts } from "../state/drafts";

function storage(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  } as Storage;
}

it("are there after a reload, for the same agent, until they sign out", () => {
  const tab = storage();
  new Drafts("mia", () => tab).set("c1", { text: "half", note: true });
  expect(new Drafts("mia", () => tab).get("c1")).toEqual({ text: "half", note: true });
  expect(new Drafts("noah", () => tab).get("c1").text).toBe("");
  new Drafts("mia", () => tab).forget();
  expect(new Drafts("mia", () => tab).get("c1").text).toBe("");
});

it("live as long as the page where storage is refused", () => {
  const drafts = new Drafts("mia", () => {
    throw new DOMException("refused", "SecurityError");
  });
  drafts.set("c1", { text: "half", note: false });
  expect(drafts.get("c1").text).toBe("half");
  drafts.set("c1", { text: "", note: false });
  expect(drafts.get("c1").text).toBe("");
});
