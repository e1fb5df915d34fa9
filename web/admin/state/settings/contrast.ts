/** Whether a colour can be read and seen: by the widget's own arithmetic, so that both say the same. Pure. */
import { contrast as between, css, inkOn, parse, readable as readableOn, type Rgb } from "../../../widget/loader/colours";

/** For text of any size; for signs beside what they stand on (WCAG 1.4.3 and 1.4.11). */
export const READABLE = 4.5;
export const VISIBLE = 3;
/** What the widget's windows are made of, by light and by dark. */
export const PAPER: Record<"light" | "dark", Rgb> = { light: [255, 255, 255], dark: [35, 40, 49] };

function rgb(color: string): Rgb {
  return parse(color) ?? [0, 0, 0];
}

function hex(color: Rgb): string {
  return `#${color.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

/** Against the paper of a light page. */
export function onWhite(color: string): number {
  return between(rgb(color), PAPER.light);
}

/** Of what the widget writes on the colour. */
export function legibility(color: string): number {
  return between(inkOn(rgb(color)), rgb(color));
}

/** The nearest darker one that can be read on white. */
export function readable(color: string): string {
  return hex(readableOn(rgb(color), PAPER.light));
}

/** As the widget paints itself: its custom properties without their `--parley-`. */
export function paint(color: string, shade: "light" | "dark"): Record<string, string> {
  const [accent, paper] = [rgb(color), PAPER[shade]];
  const text = css(readableOn(accent, paper));
  return { accent: color, on: css(inkOn(accent)), "accent-text": text, rim: between(accent, paper) >= VISIBLE ? "transparent" : text };
}

/** `hidden`: the button can hardly be seen on a white page. `dull`: what is written in the colour must be darkened to be read. */
export type Verdict = "good" | "dull" | "hidden";

export function verdict(color: string): Verdict {
  const found = onWhite(color);
  if (found < VISIBLE) return "hidden";
  return found < READABLE ? "dull" : "good";
}
