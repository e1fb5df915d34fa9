/** Whether what is written can be read: contrast as the Web Content Accessibility Guidelines count it, by light and by dark. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const CSS = readFileSync(new URL("../base.css", import.meta.url), "utf8");
const [LIGHT = "", DARK = ""] = [...CSS.matchAll(/:root \{([^}]*)\}/g)].map(([, colours]) => colours!);
/** For text of any size. */
const ENOUGH = 4.5;
const PAIRS = [
  ["accent-ink", "accent"], ["accent-text", "accent-soft"], ["accent-text", "paper"], ["ink", "paper"], ["soft", "paper"], ["soft", "ground"], ["soft", "hover"],
  ["faint", "paper"], ["faint", "ground"], ["note-ink", "note"], ["alert", "paper"], ["alert", "alert-soft"], ["paper", "alert"],
] as const;

function coloursOf(...blocks: string[]): Map<string, string> {
  return new Map(blocks.flatMap((block) => [...block.matchAll(/--([\w-]+): (#[0-9a-f]{3,6});/g)].map(([, name, colour]) => [name!, colour!] as const)));
}

function light(colour: string): number {
  const long = colour.length === 4 ? [...colour.slice(1)].map((one) => one + one).join("") : colour.slice(1);
  const [red, green, blue] = [0, 2, 4].map((at) => parseInt(long.slice(at, at + 2), 16) / 255).map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function contrast(one: string, other: string): number {
  const [more = 0, less = 0] = [light(one), light(other)].sort((a, b) => b - a);
  return (more + 0.05) / (less + 0.05);
}

describe.each([["light", coloursOf(LIGHT)], ["dark", coloursOf(LIGHT, DARK)]])("by %s", (_name, colours) => {
  it.each(PAIRS)("%s is read on %s", (text, ground) => {
    expect(contrast(colours.get(text)!, colours.get(ground)!)).toBeGreaterThanOrEqual(ENOUGH);
  });
});
