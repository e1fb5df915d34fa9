/** How dark a cell of the heat map is. Pure. */

/** Shades, from nothing to the most. */
export const SHADES = 7;

/** Nothing is nothing; anything else is at least the lightest. */
export function shadeOf(value: number | null | undefined, most: number): number {
  return !value || most <= 0 ? 0 : Math.max(1, Math.ceil((value / most) * SHADES));
}
