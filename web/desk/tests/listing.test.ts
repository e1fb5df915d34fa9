/** The list keeps what this agent may read, and nothing else. */
import { expect, it, vi } from "vitest";
import { ApiError } from "../../client/http";
import type { Api } from "../state/api";
import type { Item } from "../state/inbox";
import { Listing } from "../state/listing";

const ITEM = { id: "c1", version: 1, status: "open", reads: {} } as unknown as Item;

async function asked(answer: () => Promise<Item>): Promise<string[]> {
  const listing = new Listing({ conversation: answer } as unknown as Api, "mia", () => {});
  listing.items.value = new Map([[ITEM.id, ITEM], ["c2", { ...ITEM, id: "c2" }]]);
  await listing.fetch("c1", 7);
  return [...listing.items.value.keys()];
}

it("drops a conversation that the server says is not to be read, and only then", async () => {
  expect(await asked(async () => ITEM)).toEqual(["c1", "c2"]);
  expect(await asked(() => Promise.reject(new ApiError(404, "not_found")))).toEqual(["c2"]);
  expect(await asked(() => Promise.reject(new ApiError(0, "unreachable")))).toEqual(["c1", "c2"]);
});

it("asks again for the rest of a long list that did not come", async () => {
  vi.useFakeTimers();
  const answers = [() => Promise.reject(new ApiError(0, "unreachable")), async () => ({ as_of: 1, items: [ITEM], next: null })];
  const listing = new Listing({ conversations: () => answers.shift()!() } as unknown as Api, "mia", () => {});
  await listing.loadRest("next");
  expect(listing.get("c1")).toBeUndefined();
  await vi.runAllTimersAsync();
  expect(listing.get("c1")).toBeDefined();
  vi.useRealTimers();
});
