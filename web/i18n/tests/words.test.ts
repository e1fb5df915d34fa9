/** Languages say the same things; links are only what is safe to click. */
import { describe, expect, it } from "vitest";
import adminEn from "../../admin/messages/en";
import adminZh from "../../admin/messages/zh";
import deskEn from "../../desk/messages/en";
import deskZh from "../../desk/messages/zh";
import staffEn from "../../staff/messages/en";
import staffZh from "../../staff/messages/zh";
import widgetEn from "../../widget/messages/en";
import widgetZh from "../../widget/messages/zh";
import { pieces } from "../links";
import { byTag, count, fill, pick, type Counted } from "../pick";

const NUMBERS = new Set(["zero", "one", "two", "few", "many", "other"]);

/** A text for each kind of number says one thing, whichever kinds a language has. */
const plain = (value: unknown): unknown =>
  typeof value === "object" && Object.keys(value as object).every((key) => NUMBERS.has(key)) ? (value as Counted).other : value;

const keys = (words: object): string[] =>
  Object.entries(words).flatMap(([key, value]) => (typeof plain(value) === "object" ? keys(value as object).map((one) => `${key}.${one}`) : [key])).sort();

const blanks = (words: object): string[] =>
  Object.values(words).map(plain).flatMap((value: unknown) => (typeof value === "object" ? blanks(value as object) : (String(value).match(/\{\w+\}/g) ?? []).sort().join()));

describe("every language", () => {
  it.each([[staffEn, staffZh], [deskEn, deskZh], [adminEn, adminZh], [widgetEn, widgetZh]])("says everything, with the same blanks to fill", (en, zh) => {
    expect(keys(zh)).toEqual(keys(en));
    expect(blanks(zh)).toEqual(blanks(en));
  });
});

it("numbers are said as each language says them", () => {
  const files = { one: "{n} file", other: "{n} files" };
  expect([1, 2, 0].map((n) => count(files, n, "en"))).toEqual(["1 file", "2 files", "0 files"]);
  expect([count(widgetZh.tooLong, 1, "zh"), count(files, 1, "zh")]).toEqual(["超出 1 个字", "1 files"]);
});

describe("pick", () => {
  it("takes the first wanted that is spoken, by its base, else English", () => {
    const spoken = Object.keys(byTag({ "./messages/en.ts": 1, "./messages/zh.ts": 2 }));
    expect(pick(spoken, ["fr", "zh-Hans-CN", "en"])).toBe("zh");
    expect(pick(spoken, ["fr"])).toBe("en");
    expect(fill("{n} of {m}", { n: 1 })).toBe("1 of {m}");
  });
});

describe("pieces", () => {
  const links = (text: string) => pieces(text).flatMap((piece) => (typeof piece === "string" ? [] : [piece.href]));

  it("finds addresses, without the stop behind them", () => {
    expect(links("see https://a.example/b?c=d. Or (http://e.example)!")).toEqual(["https://a.example/b?c=d", "http://e.example"]);
    expect(links("看 https://a.example/中文，好吗")).toEqual(["https://a.example/中文"]);
  });

  it("leaves everything else as text, and loses none of it", () => {
    const text = "javascript:alert(1) data:text/html,x <b>https://</b> https://ok.example end";
    expect(links(text)).toEqual(["https://ok.example"]);
    expect(pieces(text).map((piece) => (typeof piece === "string" ? piece : piece.text)).join("")).toBe(text);
  });

  it("takes what people write short for what it is, and nothing else", () => {
    expect(links("www.test.com/a, Me.too+x@mail.x-y.org. 写信到 a@b.cn。")).toEqual(["https://www.test.com/a", "mailto:Me.too+x@mail.x-y.org", "mailto:a@b.cn"]);
    expect(pieces("at www.test.com!")).toEqual(["at ", { href: "https://www.test.com", text: "www.test.com" }, "!"]);
    expect(links("https://a.example/?to=b@c.de")).toEqual(["https://a.example/?to=b@c.de"]);
    expect(links("www. wwww.x.de a@b @b.de a@b.c ftp://x@y.zz x@y.zz?subject=1 //www.x.de a@b.de@c.de")).toEqual(["mailto:x@y.zz"]);
  });

  it.each(["a.", "a@", "www.", "a@a.", "a-", "@"])("comes to an end with ten thousand signs of %j", (sign) => {
    const text = sign.repeat(10_000 / sign.length);
    expect(pieces(text).map((piece) => (typeof piece === "string" ? piece : piece.text)).join("")).toBe(text);
  });
});
