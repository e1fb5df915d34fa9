/**
 * What this browser remembers of a visit: page views with less than half an hour between them. Pure;
 * it decides which welcome rules have spoken already and whether somebody has been here before.
 */
import type { Greeting } from "../../client/types";
import { sourceOf, type Source } from "./source";

const GAP_MS = 30 * 60_000;

export interface Visit {
  /** How many there were, this one counted. */
  count: number;
  last: number;
  source: Source;
  /** Rules that have spoken. */
  greeted: string[];
  /** What was said last: it is what the visitor's first words answer. */
  greeting: Greeting | null;
  /** The forms that were filled in. */
  answered: string[];
  /** There is an address to answer to. */
  reachable: boolean;
  /** It was asked for one, and is not to be asked again. */
  declined?: boolean;
}

export function going(before: Visit | null, now: number, url: string, referrer: string): Visit {
  if (before && now - before.last < GAP_MS) return { ...before, last: now };
  const blank = { greeted: [], greeting: null, answered: [], reachable: false, declined: false };
  return { ...blank, count: (before?.count ?? 0) + 1, last: now, source: sourceOf(url, referrer) };
}
