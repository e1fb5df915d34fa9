/** An address holds all that is shown, and nothing is lost on the way there and back. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DIMENSIONS, NEW, PLAIN, SECTIONS, SENDERS, parse, print, type Place, type View } from "../state/place";
import { PRESETS, plus } from "../state/spans";

const word = fc.string({ minLength: 1, maxLength: 12 }).filter((text) => text.trim() === text && text !== "");
const maybe = fc.option(word);
const day = fc.integer({ min: 0, max: 9_000 }).map((n) => plus("2005-01-01", n));
const span = fc.tuple(day, fc.integer({ min: 1, max: 900 })).map(([from, days]) => ({ from, to: plus(from, days) }));
const filters = fc.dictionary(fc.constantFrom(...DIMENSIONS), word, { maxKeys: 5, noNullPrototype: true });

const view: fc.Arbitrary<View> = fc.record({
  range: fc.oneof(fc.constantFrom(...PRESETS), span), every: fc.option(fc.constantFrom("hour", "day", "week", "month", "all")),
  by: maybe, filters, business: fc.boolean(), compare: fc.boolean(), metric: maybe, sort: maybe, at: maybe,
});

const place: fc.Arbitrary<Place> = fc.oneof(
  fc.record({ page: fc.constant("report" as const), report: word, view }),
  fc.record({ page: fc.constant("search" as const), asked: fc.record({ q: fc.string(), sender: fc.constantFrom(...SENDERS), tag: word, from: day }) }),
  fc.record({ page: fc.constant("live" as const) }),
  fc.tuple(fc.constantFrom(...SECTIONS), fc.option(fc.oneof(word, fc.constant(NEW))), maybe).map(([section, key, part]): Place => ({ page: "settings", section, key, part: key === null ? null : part })),
  fc.record({ page: fc.constant("conversation" as const), id: fc.uuid(), at: fc.option(fc.nat()), said: fc.option(fc.nat()) }),
);

describe("a place", () => {
  it("is the same after it was an address", () => {
    fc.assert(fc.property(place, (one) => void expect(parse(print(one))).toEqual(one)));
  });

  it("is short while nothing is special", () => {
    expect(print({ page: "report", report: "volume", view: PLAIN })).toBe("#/reports/volume");
  });

  it("knows no day that there is not", () => {
    for (const wrong of ["abc", "2026-99-01", "2026-02-30", "12026-01-01", "9999-12-31"]) {
      expect(parse(`#/search?q=x&from=${wrong}&to=${wrong}`)).toEqual({ page: "search", asked: { q: "x" } });
      expect(parse(`#/reports/volume?from=${wrong}&to=9999-12-31`)).toMatchObject({ view: { range: PLAIN.range } });
    }
  });

  it("is the live view where the address says nothing that is known, and the overview where it says no report that is", () => {
    for (const hash of ["", "#", "#/", "#/nonsense", "#/conversation", "#%E0%A4%A"]) expect(parse(hash)).toEqual({ page: "live" });
    expect(parse("#/reports?range=never&every=eon&from=2026-02-01&to=2026-01-01")).toEqual({ page: "report", report: "overview", view: PLAIN });
    expect(parse("#/settings/nonsense")).toEqual({ page: "settings", section: "sites", key: null, part: null });
  });
});
