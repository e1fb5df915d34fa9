/** What metrics, groups and values are called on the screen. */
import { prefs } from "../../staff/prefs";
import { shortText, valueText } from "../state/format";
import type { Metric, Unit } from "../state/report";
import { words } from "../state/prefs";

/** A metric that this console does not know yet shows under its own name. */
export function metricText({ name }: Metric): string {
  return words().metrics[name] ?? name.replaceAll("_", " ");
}

export function groupText(label: string | null): string {
  return label === null || label === "" ? words().ungrouped : label;
}

export function shown(value: number | null | undefined, unit: Unit): string {
  return valueText(value, unit, prefs.value.language, words().units);
}

export function shownShort(value: number | null | undefined, unit: Unit): string {
  return shortText(value, unit, prefs.value.language, words().units);
}
