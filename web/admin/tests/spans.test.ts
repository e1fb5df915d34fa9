/** Which days a preset means, and what came before. */
import { describe, expect, it } from "vitest";
import { PRESETS, before, daysIn, spanOf, stepFor, stepsFor, todayIn, weekOf } from "../state/spans";

const TODAY = "2026-03-01";

describe("presets", () => {
  it.each([
    ["today", "2026-03-01", "2026-03-02"], ["yesterday", "2026-02-28", "2026-03-01"], ["7d", "2026-02-23", "2026-03-02"],
    ["28d", "2026-02-02", "2026-03-02"], ["month", "2026-03-01", "2026-03-02"], ["last-month", "2026-02-01", "2026-03-01"],
    ["quarter", "2026-01-01", "2026-03-02"], ["year", "2026-01-01", "2026-03-02"], ["all", "2016-04-01", "2026-03-02"],
  ] as const)("%s is from %s up to %s, which no longer belongs", (preset, from, to) => {
    expect(spanOf(preset, TODAY)).toEqual({ from, to });
  });

  it("take the day where the tenant is", () => {
    const now = new Date("2026-03-01T23:30:00Z");
    expect([todayIn("Asia/Shanghai", now), todayIn("America/New_York", now)]).toEqual(["2026-03-02", "2026-03-01"]);
  });

  it.each(PRESETS)("%s has as many days before it, right up to it", (preset) => {
    const span = spanOf(preset, TODAY);
    expect(before(span).to).toBe(span.from);
    expect(daysIn(before(span))).toBe(daysIn(span));
  });

  it.each(PRESETS)("%s starts with a step that it offers", (preset) => {
    const span = spanOf(preset, TODAY);
    expect(stepsFor(span)).toContain(stepFor(span));
  });
});

it("a week begins on Monday", () => {
  expect(["2026-03-01", "2026-03-02", "2026-03-08"].map(weekOf)).toEqual(["2026-02-23", "2026-03-02", "2026-03-02"]);
});
