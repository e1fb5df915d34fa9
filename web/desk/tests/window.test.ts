/** A row that goes elsewhere in a long list is brought into sight, and no further than needed. */
import { expect, it } from "vitest";
import { isSeen, toShow } from "../ui/window";

const box = (scrollTop: number) => ({ scrollTop, clientHeight: 400 });

it("goes up to a row above, down to one below, and nowhere for one in sight", () => {
  expect([toShow(0, 100, box(50)), toShow(9, 100, box(0)), toShow(2, 100, box(150))]).toEqual([0, 612, 150]);
});

it("knows what is in sight in part, and that what is not listed is not", () => {
  expect([0, 1, 4, 5, 6, -1].map((at) => isSeen(at, 100, box(150)))).toEqual([false, true, true, true, false, false]);
});
