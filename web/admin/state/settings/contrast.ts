/** Whether what the widget writes on a colour can be read, as the Web Content Accessibility Guidelines count it. Pure. */

/** For text of any size; for signs beside what they stand on. */
export const READABLE = 4.5;
export const VISIBLE = 3;
const WHITE = "#ffffff";
const BLACK = "#000000";

function rgb(color: string): number[] {
  return [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16) / 255);
}

function luminance(color: string): number {
  const [red, green, blue] = rgb(color).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

export function contrast(one: string, other: string): number {
  const [more = 0, less = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (more + 0.05) / (less + 0.05);
}

/** What the widget writes in on this colour: whichever reads better. */
export function ink(color: string): string {
  return contrast(color, WHITE) >= contrast(color, BLACK) ? WHITE : BLACK;
}

/** The nearest darker one in which white can be read, and which can be read on white. */
export function readable(color: string): string {
  let found = color;
  for (let part = 1; part > 0 && contrast(found, WHITE) < READABLE; part -= 0.02) {
    found = `#${rgb(color).map((one) => Math.round(one * part * 255).toString(16).padStart(2, "0")).join("")}`;
  }
  return found;
}

/** `hidden`: the button can hardly be seen on a white page. `dull`: what is written in the colour must be darkened to be read. */
export type Verdict = "good" | "dull" | "hidden";

export function verdict(color: string): Verdict {
  const onWhite = contrast(color, WHITE);
  if (onWhite < VISIBLE) return "hidden";
  return onWhite < READABLE ? "dull" : "good";
}
