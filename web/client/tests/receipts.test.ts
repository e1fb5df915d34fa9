/** That messages have arrived is said once for each burst, and not of what is read at once. */
import { signal } from "@preact/signals-core";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Receipts } from "../receipts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function telling() {
  const due = signal<ReadonlyMap<string, number>>(new Map());
  const told: [string, number][] = [];
  const receipts = new Receipts(() => due.value, (conversation, upto) => told.push([conversation, upto]));
  return { due, told, receipts };
}

it("tells of a burst once, and of what comes later once more", () => {
  const { due, told } = telling();
  due.value = new Map([["a", 2]]);
  due.value = new Map([["a", 5], ["b", 1]]);
  vi.runAllTimers();
  expect(told).toEqual([["a", 5], ["b", 1]]);
  due.value = new Map([["a", 5], ["b", 3]]);
  vi.runAllTimers();
  expect(told.slice(2)).toEqual([["b", 3]]);
});

it("keeps in mind only what is still due", () => {
  const { due, told, receipts } = telling();
  for (let i = 1; i <= 9; i++) {
    due.value = new Map([[`c${i}`, i]]);
    vi.runAllTimers();
  }
  expect(told).toHaveLength(9);
  expect([...(receipts as unknown as { _told: Map<string, number> })._told.keys()]).toEqual(["c9"]);
});

it("says nothing of what was read in the meantime, or after its end", () => {
  const { due, told, receipts } = telling();
  due.value = new Map([["a", 2]]);
  due.value = new Map();
  vi.runAllTimers();
  due.value = new Map([["a", 3]]);
  receipts.end();
  vi.runAllTimers();
  expect(told).toEqual([]);
});
