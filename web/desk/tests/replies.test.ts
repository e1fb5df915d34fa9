/** Canned replies: asked for by a stroke, found by any word, without holes where something is not known. */
import { expect, it } from "vitest";
import { cut } from "../state/finding";
import { asked, filled, matching } from "../state/replies";
import type { Reply } from "../state/settings";

const reply = (shortcut: string, title: string, text: string, department: string | null = null): Reply => ({ reply: shortcut, shortcut, title, text, department });

it("a stroke at the beginning of a word asks for one, and nothing else does", () => {
  expect(asked("/", 1)).toEqual({ word: "", from: 0 });
  expect(asked("Hello /Shi", 10)).toEqual({ word: "shi", from: 6 });
  expect(asked("Hello /ship and more", 11)).toEqual({ word: "ship", from: 6 });
  for (const other of ["and/or", "https://", "/ship ", ""]) expect(asked(other, other.length)).toBeNull();
});

it("shortcuts come before titles and texts, the department's own before others'", () => {
  const all = [reply("zz", "Zebra", "we ship"), reply("post", "Shipping", ""), reply("ship", "", "", "sales"), reply("shipping", "", "", "support")];
  expect(matching(all, "ship", "support").map((one) => one.shortcut)).toEqual(["shipping", "ship", "post", "zz"]);
  expect(matching(all, "nothing", null)).toEqual([]);
});

it("blanks are filled, and what is not known leaves no hole", () => {
  const text = "Hello {{visitor.name}}, your {{ visitor.plan }} plan. {{agent.name}}";
  expect(filled(text, { "visitor.name": "Vera", "visitor.plan": "Pro", "agent.name": "Mia" })).toBe("Hello Vera, your Pro plan. Mia");
  expect(filled(text, { "agent.name": "Mia" })).toBe("Hello, your plan. Mia");
  expect(filled("In two days, {{visitor.name}}. Bye, {{visitor.name}}, bye", {})).toBe("In two days. Bye, bye");
  expect(filled("{{visitor.name}}", { "visitor.name": "$& {{agent.name}}" })).toBe("$& {{agent.name}}");
});

it("a snippet is cut at its hits, which count code points", () => {
  expect(cut({ text: "😀 a parcel, a parcel", marks: [[4, 10], [14, 20]] })).toEqual(["😀 a ", "parcel", ", a ", "parcel", ""]);
});
