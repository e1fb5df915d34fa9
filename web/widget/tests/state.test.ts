/** What is decided without a screen: visits and their sources, welcome rules, answers to forms, colours. */
import { describe, expect, it } from "vitest";
import { contrast, inkOn, readable, type Rgb } from "../loader/colours";
import { completed, inLanguage, type Form, type When } from "../site";
import { fault, faults, outcome } from "../state/answers";
import { sourceOf } from "../state/source";
import { going } from "../state/visit";
import { fitting, reaches } from "../state/welcome";

const MINUTE = 60_000;

describe("a visit", () => {
  it("goes on until half an hour without a page, and is then another one that has forgotten its rules", () => {
    const first = going(null, 0, "https://shop/?utm_campaign=spring", "");
    const later = going({ ...first, greeted: ["hello"] }, 29 * MINUTE, "https://shop/ink", "https://google.com/");
    expect([later.count, later.greeted, later.source.campaign]).toEqual([1, ["hello"], "spring"]);
    const next = going(later, later.last + 30 * MINUTE, "https://shop/", "https://www.google.de/");
    expect([next.count, next.greeted, next.source.medium]).toEqual([2, [], "search"]);
  });

  it.each([
    ["", "direct"], ["https://www.shop.example/before", "direct"], ["https://www.baidu.com/", "search"], ["https://search.yahoo.com/x", "search"],
    ["https://t.co/abc", "social"], ["https://mp.weixin.qq.com/s", "social"], ["https://notgoogle.example/", "referral"], ["not an address", "direct"],
  ])("that comes by %j is %s", (referrer, medium) => {
    expect(sourceOf("https://shop.example/", referrer)).toEqual({ medium, campaign: null });
  });

  it("by a marked link is a campaign, whatever the referrer", () => {
    expect(sourceOf("https://shop.example/?gclid=1", "https://google.com/")).toEqual({ medium: "campaign", campaign: null });
  });
});

describe("a welcome rule", () => {
  const visit = going(null, 0, "https://shop/?utm_campaign=Spring", "");
  const named = (when: When, more = {}) => {
    const rules = [{ rule: "r", when, text: {}, open: false }];
    return fitting(rules, { url: "https://shop/ink/blue?x#y", visit, open: true, ...more }).length === 1;
  };

  it("fits when all that it asks for is so", () => {
    expect(named({})).toBe(true);
    expect(named({ page: "/ink/*", source: "campaign", campaign: "spring", returning: false, opening: "open", after_s: 5 })).toBe(true);
    for (const when of [{ page: "/ink" }, { source: "search" }, { campaign: "autumn" }, { returning: true }, { opening: "closed" }] as When[]) {
      expect(named(when)).toBe(false);
    }
  });

  it("speaks once in a visit", () => {
    expect(named({}, { visit: { ...visit, greeted: ["r"] } })).toBe(false);
  });

  it("reads a page's path as people write it", () => {
    expect(reaches("/预订/*", "https://x/%E9%A2%84%E8%AE%A2/1")).toBe(true);
    expect(reaches("/a%", "https://x/a%")).toBe(true);
  });
});

describe("answers", () => {
  const field = (key: string, kind: string, required = false) => ({ key, kind, required, label: {} }) as Form["fields"][number];

  it.each([
    ["email", "email", "ada@example.com", null], ["email", "email", "ada@example", "email"], ["email", "email", "a b@example.com", "email"],
    ["phone", "tel", "+49 (30) 12-34", null], ["phone", "tel", "call me", "tel"], ["size", "text", "x".repeat(501), "long"], ["name", "text", " ", null],
  ])("to %s (%s): %j is %j", (key, kind, said, wrong) => expect(fault(field(key, kind), said)).toBe(wrong));

  it("that are missing are told, each by its field", () => {
    expect(faults({ fields: [field("name", "text", true), field("ok", "checkbox", true), field("x", "text")] }, {})).toEqual({ name: "required", ok: "required" });
  });

  it("go where they belong", () => {
    const form = { fields: ["name", "email", "phone", "department", "question", "order"].map((key) => field(key, "text")) };
    expect(outcome(form, { name: " Ada ", email: "", department: "sales", question: "How?", order: "7" })).toEqual({
      introduction: { name: "Ada", attributes: { order: "7" } }, department: "sales", question: "How?",
    });
  });
});

describe("any colour of the owner's", () => {
  it("can be read: what is written on it, and what is written in it", () => {
    for (let n = 0; n < 4096; n++) {
      const colour: Rgb = [(n >> 8) * 17, ((n >> 4) & 15) * 17, (n & 15) * 17];
      expect(contrast(inkOn(colour), colour)).toBeGreaterThanOrEqual(4.5);
      for (const paper of [[255, 255, 255], [35, 40, 49]] as Rgb[]) expect(contrast(readable(colour, paper), paper)).toBeGreaterThanOrEqual(4.5);
    }
  });
});

describe("texts", () => {
  it("come in the reader's language, else in English, else as they are; what is not said has a default", () => {
    expect([inLanguage({ zh: "好", en: "good" }, "zh-Hans"), inLanguage({ zh: "好", en: "good" }, "de"), inLanguage({ fr: "bon" }, "de"), inLanguage(null, "de")]).toEqual(["好", "good", "bon", undefined]);
    expect(completed({ appearance: { color: "#000000" } } as never).appearance).toMatchObject({ color: "#000000", side: "right", files: true });
  });
});
