/** What a desk says it has got: its own conversations' news that it does not look at. */
import { expect, it } from "vitest";
import { arrived } from "../state/arrived";
import type { Item } from "../state/inbox";

function talk(id: string, over: Partial<Item> = {}): [string, Item] {
  return [id, { id, assignee: "mia", status: "open", last_visitor_version: 4, reads: {}, last_at: `2026-11-22T10:00:0${id}Z`, ...over } as Item];
}

it("is of one's own, unread and out of sight", () => {
  const items = new Map([talk("1"), talk("2", { assignee: "noah" }), talk("3", { reads: { mia: 4 } }), talk("4")]);
  expect([...arrived(items, "mia", "4")]).toEqual([["1", 4]]);
});

it("is of the latest only", () => {
  const items = new Map(Array.from({ length: 60 }, (_, i) => talk(String(i), { last_at: `2026-11-22T10:00:${10 + i}Z` })));
  expect([...arrived(items, "mia", null).keys()].slice(0, 2)).toEqual(["59", "58"]);
  expect(arrived(items, "mia", null).size).toBe(50);
});
