/** The course of a figure as a small line. Pure. */
import { alone } from "../chart/series";

export const WIDTH = 120;
export const HEIGHT = 30;

/** A line from the first value to the last, broken where there is none, a dot where one stands alone; its floor is 0. */
export function sparkPath(values: (number | null)[]): string {
  const top = Math.max(...values.map((value) => value ?? 0)) || 1;
  const step = WIDTH / (values.length - 1);
  const points = values.map((value, i) => (value === null ? null : `${(i * step).toFixed(1)} ${(HEIGHT - (value / top) * HEIGHT).toFixed(1)}`));
  return points.map((point, i) => (point === null ? "" : `${i > 0 && points[i - 1] !== null ? "L" : "M"}${point}${alone(values, i) ? "h0" : ""}`)).join("");
}
