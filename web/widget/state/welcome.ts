/** Which welcome rule fits a page, and how long to wait for it. Pure. */
import type { Welcome, When } from "../site";
import type { Visit } from "./visit";

export interface Moment {
  url: string;
  visit: Visit;
  /** Whether it is within working hours. */
  open: boolean;
}

/** Those that may speak on this page, in the owner's order; each of them once in a visit. */
export function fitting(rules: Welcome[], moment: Moment): Welcome[] {
  return rules.filter((rule) => !moment.visit.greeted.includes(rule.rule) && fits(rule.when ?? {}, moment));
}

export function delay_ms(rule: Welcome): number {
  return 1000 * (rule.when?.after_s ?? 0);
}

function fits(when: When, { url, visit, open }: Moment): boolean {
  const given = <T>(wanted: T | null | undefined, is: (wanted: T) => boolean) => wanted === null || wanted === undefined || is(wanted);
  return (
    given(when.page, (pattern) => pattern === "" || reaches(pattern, url)) &&
    given(when.source, (medium) => medium === visit.source.medium) &&
    given(when.campaign, (name) => name.toLowerCase() === visit.source.campaign?.toLowerCase()) &&
    given(when.returning, (wanted) => wanted === visit.count > 1) &&
    given(when.opening, (wanted) => wanted === (open ? "open" : "closed"))
  );
}

/** As the server compares goals: the path as the address bar shows it, with `*` at its end how paths begin. */
export function reaches(pattern: string, url: string): boolean {
  const path = decoded(new URL(url, "http://page").pathname);
  const wanted = decoded(pattern);
  return wanted.endsWith("*") ? path.startsWith(wanted.slice(0, -1)) : path === wanted;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
