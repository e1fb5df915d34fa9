/** What is asked for a report, how it is put in order, and what is drawn of it. */
import { describe, expect, it } from "vitest";
import { CATALOGUE, report as made } from "../../dev/fake-reports";
import { alone, drawingOf, type Naming } from "../chart/series";
import { PLAIN } from "../state/place";
import { begun, change, everyIn, isEmpty, metricIn, queryBefore, queryOf, sorted, type Report } from "../state/report";
import { shadeOf } from "../ui/shade";
import { sparkPath } from "../ui/spark";

const volume = CATALOGUE.reports.find((one) => one.name === "volume")!;
const heat = CATALOGUE.reports.find((one) => one.name === "heatmap")!;
const visits = CATALOGUE.reports.find((one) => one.name === "visits")!;
const SPAN = { from: "2026-01-01", to: "2026-01-15" };
const ask = (more: Record<string, string>): Report => made("volume", { ...SPAN, ...more })!;
const NAMING: Naming = { metric: ({ name }) => name, group: (label) => label ?? "none", step: (start) => start, now: "now", before: "before" };
const conversations = volume.metrics[0]!;

describe("the question", () => {
  it("holds the stretch, what it is narrowed to, and a step that fits", () => {
    const view = { ...PLAIN, by: "agent", filters: { tag: "vip" }, business: true, at: "2026-01-10T00:00:00.000Z" };
    expect(queryOf(view, SPAN, volume)).toEqual({ ...SPAN, every: "all", by: "agent", tag: "vip", hours: "business", at: view.at });
    expect(everyIn({ ...PLAIN, every: "hour" }, { from: "2020-01-01", to: "2026-01-01" }, volume)).toBe("all");
    expect(everyIn(PLAIN, SPAN, volume)).toBe("day");
  });

  it("leaves out what this report cannot be asked", () => {
    expect(queryOf({ ...PLAIN, by: "agent", every: "day" }, SPAN, heat)).toEqual(SPAN);
    expect(queryOf({ ...PLAIN, by: "weather" }, SPAN, volume)).toEqual({ ...SPAN, every: "day" });
    expect(queryOf({ ...PLAIN, filters: { agent: "a1", source: "search" } }, SPAN, visits)).toEqual({ ...SPAN, every: "day", source: "search" });
  });

  it("is put to the same number of days before", () => {
    expect(queryBefore({ ...SPAN, every: "day" }, SPAN)).toEqual({ from: "2025-12-18", to: "2026-01-01", every: "day" });
  });
});

describe("the numbers", () => {
  it("are in order by any column, and rows without a number come last", () => {
    const report = ask({ every: "all", by: "agent" });
    report.rows[1]!.values["conversations"] = null;
    const order = (sort: string | null) => sorted(report, sort).map((row) => row.group);
    expect(order(null)).toEqual(["a1", "a2", "a3", null]);
    expect(order("-conversations")).toEqual(["a1", "a3", null, "a2"]);
    expect(order("conversations")).toEqual([null, "a3", "a1", "a2"]);
    expect(order("group")[0]).toBe(null);
  });

  it("are compared only where that says something", () => {
    expect([change(3, 2), change(1, 2), change(1, 0), change(null, 2), change(2, undefined)]).toEqual([0.5, -0.5, null, null, null]);
    expect(isEmpty({ ...ask({ every: "day" }), rows: [{ values: { conversations: 0, messages: null } }] })).toBe(true);
    expect(metricIn({ ...PLAIN, metric: "gone" }, ask({ every: "day" }))).toBe(conversations);
  });

  it("lead with one that there is where only some of them know what it is cut by", () => {
    const report = made("conversion", { ...SPAN, every: "all" })!;
    expect(metricIn(PLAIN, report)?.name).toBe("visit_conversion_share");
    report.rows.forEach((row) => (row.values = { conversations: null, visit_conversion_share: null, reached: 3 }));
    expect(metricIn(PLAIN, report)?.name).toBe("reached");
    expect(metricIn({ ...PLAIN, metric: "visits" }, report)?.name).toBe("visits");
  });
});

describe("all time", () => {
  it("begins when something happened", () => {
    const report = ask({ every: "day" });
    report.rows.slice(0, 3).forEach((row) => (row.values = { conversations: 0, messages: null }));
    expect(begun(report)).toMatchObject({ from: "2026-01-04", rows: report.rows.slice(3) });
    expect(begun({ ...report, by: "agent" }).rows).toHaveLength(14);
  });
});

describe("the drawing", () => {
  const draw = (more: Record<string, string>, before: Report | null = null) => drawingOf(ask(more), before, conversations, NAMING);

  it("is bars over time, with the stretch before step by step", () => {
    const before = ask({ every: "day", tag: "other" });
    const drawing = draw({ every: "day" }, before)!;
    expect([drawing.kind, drawing.steps.length, drawing.series.map(({ name }) => name), drawing.whole]).toEqual(["bars", 14, ["now", "before"], true]);
    expect(drawing.series[1]!.values).toEqual(before.rows.map((row) => row.values["conversations"]));
  });

  it("is a line a group, the largest ones, and says how many are left", () => {
    const drawing = draw({ every: "day", by: "tag" })!;
    expect([drawing.kind, drawing.series.length, drawing.left]).toEqual(["lines", 6, 2]);
    expect(drawing.series.every((one) => one.values.length === drawing.steps.length)).toBe(true);
  });

  it("takes a missing count for none, and a missing time for unknown", () => {
    const report = made("wait", { ...SPAN, every: "day", by: "department" })!;
    report.rows = report.rows.filter((row, i) => i > 1 || row.group === "sales");
    const values = (name: string) => drawingOf(report, null, report.metrics.find((one) => one.name === name)!, NAMING)!.series.find((one) => one.name === "Support")!.values[0];
    expect([values("conversations"), values("p50")]).toEqual([0, null]);
  });

  it("is one bar a group for a total, the largest first, and nothing for one number", () => {
    const drawing = draw({ every: "all", by: "department" })!;
    expect([drawing.kind, drawing.steps]).toEqual(["ranks", ["Sales", "Support"]]);
    expect(draw({ every: "all" })).toBeNull();
  });

  it("has lines at round times behind durations, and draws all of these", () => {
    const waits = made("wait", { ...SPAN, every: "day" })!;
    const drawing = drawingOf(waits, null, metricIn(PLAIN, waits)!, NAMING)!;
    expect(drawing.series.map(({ name }) => name)).toEqual(["mean", "p50", "p90", "p95"]);
    expect(drawing.apart).toBe(300);
  });

  it("breaks a line where there is no number, has a dot for what stands alone, and shades nothing as nothing", () => {
    expect(sparkPath([null, 1, 2, null, 2])).toBe("M30.0 15.0L60.0 0.0M120.0 0.0h0");
    expect([5, null, 5, 5, null].map((_value, i, all) => alone(all, i))).toEqual([true, false, false, false, false]);
    expect([shadeOf(0, 9), shadeOf(null, 9), shadeOf(0.1, 900), shadeOf(9, 9), shadeOf(0, 0)]).toEqual([0, 0, 1, 7, 0]);
  });
});
