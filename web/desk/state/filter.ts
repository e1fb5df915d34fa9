/**
 * Which conversations are shown, and in which order. Pure; what is chosen is remembered by the
 * listing, but for the words that are looked for.
 */
import { isUnread, type Item, type Items } from "./inbox";

export type Whose = "mine" | "unassigned" | "missed" | "all";

export interface Filter {
  who: Whose;
  status: "open" | "closed" | "erased";
  /** A department's key; empty: any. */
  department: string;
  text: string;
}

export const FRESH: Filter = { who: "all", status: "open", department: "", text: "" };

export function select(items: Items, filter: Filter, me: string): Item[] {
  const needle = filter.text.trim().toLowerCase();
  return [...items.values()]
    .filter((item) => fits(item, filter, me) && (needle === "" || haystack(item).includes(needle)))
    .sort(filter.who === "unassigned" && filter.status === "open" ? longestWaiting : newest);
}

/** A missed one is shown whether it is open or not: it is missed until somebody answers. */
function fits(item: Item, { who, status, department }: Filter, me: string): boolean {
  if (department && item.department !== department) return false;
  if (who === "missed") return item.missed != null && item.status !== "erased";
  return item.status === status && belongs(item, who, me);
}

function belongs(item: Item, who: Whose, me: string): boolean {
  return who === "all" || (who === "mine" ? item.assignee === me : item.assignee === null);
}

function haystack(item: Item): string {
  return [item.visitor_name ?? "", item.last?.text ?? "", ...item.tags].join(" ").toLowerCase();
}

const order = (a: string, b: string): number => (a < b ? 1 : a > b ? -1 : 0);
const newest = (a: Item, b: Item): number => order(a.last_at, b.last_at);
const longestWaiting = (a: Item, b: Item): number => order(waitsSince(b), waitsSince(a));

/** As the router has it: whose agent has left, has waited since the first message without an answer. */
function waitsSince({ queued_at, started_at, unanswered_at }: Item): string {
  const queued = queued_at ?? started_at;
  return unanswered_at && unanswered_at < queued ? unanswered_at : queued;
}

/** Who has waited longest for an answer, of those whom this agent serves and those whom nobody serves. */
export function longestUnanswered(items: Items, me: string): Item | undefined {
  const waits = [...items.values()].filter((item) => item.status === "open" && item.unanswered_at && (item.assignee === null || item.assignee === me));
  return waits.sort((a, b) => order(b.unanswered_at!, a.unanswered_at!))[0];
}

/** How many conversations an agent serves. */
export function serving(items: Items, me: string): number {
  let sum = 0;
  for (const { status, assignee } of items.values()) if (status === "open" && assignee === me) sum++;
  return sum;
}

/** How many of each kind ask for attention: unread ones, and for those nobody serves or that were missed all. */
export function counts(items: Items, me: string): Record<Whose, number> {
  const sums = { mine: 0, unassigned: 0, missed: 0, all: 0 };
  for (const item of items.values()) {
    if (item.missed != null && item.status !== "erased") sums.missed++;
    if (item.status !== "open") continue;
    if (item.assignee === null) sums.unassigned++;
    if (!isUnread(item, me)) continue;
    sums.all++;
    if (item.assignee === me) sums.mine++;
  }
  return sums;
}
