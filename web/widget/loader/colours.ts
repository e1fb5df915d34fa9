/**
 * An owner may choose any colour; what is written on it and in it must still be readable. Pure
 * arithmetic after WCAG 2.2, "contrast ratio".
 */

export type Rgb = [number, number, number];

const BLACK: Rgb = [0, 0, 0];
const WHITE: Rgb = [255, 255, 255];
/** What text needs (WCAG 1.4.3, AA). */
const READABLE = 4.5;
const STEP = 0.08;

function luminance(colour: Rgb): number {
  const [r, g, b] = colour.map((part) => {
    const s = part / 255;
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
  }) as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export function contrast(a: Rgb, b: Rgb): number {
  const [x, y] = [luminance(a) + 0.05, luminance(b) + 0.05];
  return Math.max(x, y) / Math.min(x, y);
}

/** Black or white, whichever reads better: one of them always has 4.5 to 1. */
export function inkOn(ground: Rgb): Rgb {
  return contrast(WHITE, ground) >= contrast(BLACK, ground) ? WHITE : BLACK;
}

/** The colour itself, or so much darker or lighter that it can be read on this ground. */
export function readable(colour: Rgb, ground: Rgb): Rgb {
  const end = inkOn(ground);
  let found = colour;
  for (let part = STEP; contrast(found, ground) < READABLE && part < 1 + STEP; part += STEP) found = mixed(colour, end, Math.min(part, 1));
  return found;
}

function mixed(from: Rgb, to: Rgb, part: number): Rgb {
  return from.map((value, i) => Math.round(value + (to[i]! - value) * part)) as Rgb;
}

export function css(colour: Rgb): string {
  return `rgb(${colour.join(" ")})`;
}

/** Whatever a style sheet takes for a colour; null for what it does not. */
export function parse(text: string): Rgb | null {
  const hex = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i.exec(text);
  if (hex) return hex.slice(1).map((part) => parseInt(part, 16)) as Rgb;
  return CSS.supports("color", text) ? painted(text) : null;
}

/** Names and newer notations: the browser itself takes them apart. */
function painted(text: string): Rgb | null {
  const brush = document.createElement("canvas").getContext("2d");
  if (!brush) return null;
  brush.fillStyle = text;
  brush.fillRect(0, 0, 1, 1);
  return [...brush.getImageData(0, 0, 1, 1).data].slice(0, 3) as Rgb;
}
