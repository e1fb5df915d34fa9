/** Numbers and times as people read them; snippets by code points. */
import { beforeAll, describe, expect, it, vi } from "vitest";
import en from "../messages/en";
import zh from "../messages/zh";
import { changeText, durationText, shortText, stepText, valueText, weekdayText } from "../state/format";
import { pieces } from "../state/snippets";

beforeAll(() => void vi.stubGlobal("navigator", { languages: ["en-GB", "zh-CN"] }));

describe("values", () => {
  it.each([[0.42, "0.4 s"], [59.6, "1 min"], [65, "1 min 5 s"], [3_600, "1 h"], [3_725, "1 h 2 min"], [90_000, "1 d 1 h"]])("%d seconds are %s", (seconds, text) => {
    expect(durationText(seconds, "en", en.units)).toBe(text);
  });

  it("have their unit, and a dash where there are none", () => {
    expect(valueText(0.0512, "share", "en", en.units)).toBe("5.1%");
    expect(valueText(4.5, "stars", "en", en.units)).toBe("4.50");
    expect(valueText(null, "count", "en", en.units)).toBe("–");
    expect(valueText(65, "seconds", "zh", zh.units)).toBe("1 分 5 秒");
    expect(shortText(1_234_567, "count", "zh", zh.units)).toBe("123.5万");
    expect([changeText(0.5, "en"), changeText(-0.031, "en")]).toEqual(["+50%", "-3%"]);
  });

  it("are at the tenant's time, whatever the reader's", () => {
    expect(stepText("2020-01-06T09:00:00", "hour", "en")).toBe("9:00");
    expect(stepText("2020-01-06", "day", "en", true)).toBe("Mon, 6 Jan 2020");
    expect([weekdayText(1, "en"), weekdayText(7, "en"), weekdayText(1, "zh")]).toEqual(["Mon", "Sun", "周一"]);
  });
});

describe("a snippet", () => {
  it("is marked by code points, not by half an emoji", () => {
    expect(pieces({ text: "😀 退款 ok", marks: [[2, 4]] })).toEqual([{ text: "😀 ", hit: false }, { text: "退款", hit: true }, { text: " ok", hit: false }]);
  });

  it("loses nothing of its text, however the marks lie", () => {
    const text = "one two three";
    for (const marks of [[], [[0, 3], [2, 7]], [[8, 99]], [[5, 5]], [[4, 7], [0, 3]]] as [number, number][][]) {
      expect(pieces({ text, marks }).map((piece) => piece.text).join("")).toBe(text);
    }
  });
});
