/** What has just happened, whatever this computer's clock says. */
import { expect, it } from "vitest";
import { Freshness } from "../state/freshness";

const at = (s: number) => new Date(1_800_000_000_000 + s * 1000).toISOString();
const clock = (s: number, ahead: number) => 1_800_000_000_000 + (s + ahead) * 1000;

it.each([0, -3600, 3600])("knows new from old with a clock that is %i seconds ahead", (ahead) => {
  const freshness = new Freshness();
  expect(freshness.fresh(at(0), clock(0.2, ahead))).toBe(true);
  expect(freshness.fresh(at(30), clock(31, ahead))).toBe(true);
  expect(freshness.fresh(at(60), clock(600, ahead))).toBe(false);
  expect(freshness.fresh(at(700), clock(700.1, ahead))).toBe(true);
});
