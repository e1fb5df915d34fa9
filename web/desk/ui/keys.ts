/** The shortcuts: what a key does when no field has the focus. */
import type { Desk } from "../state/desk";
import { select } from "../state/filter";
import { opened } from "../state/opened";
import { info, showInfo } from "../state/prefs";

export interface Screen {
  help(): void;
}

type Act = () => void;

export function onKey(event: KeyboardEvent, desk: Desk, screen: Screen): void {
  if (event.isComposing || event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return;
  const target = event.target as HTMLElement;
  const writing = target.matches("input:not([type=checkbox]), textarea, select");
  if (event.altKey) return tabKeys(event, desk);
  if (event.key === "Escape" && writing) return target.blur();
  if (writing || (event.repeat && !STEPS.has(event.key))) return;
  const act = event.key === "Escape" ? backFrom(desk) : plain(event.key, desk, screen);
  if (!act) return;
  event.preventDefault();
  act();
}

/** What may be held down: a key that lies too long on "e" must not close and reopen all the while. */
const STEPS = new Set(["j", "k"]);

/** Out of what is open, one thing at a time. */
function backFrom(desk: Desk): Act | undefined {
  if (opened.value) return () => (opened.value = "");
  return desk.front.view.value === "guests" ? () => (desk.front.view.value = "talks") : undefined;
}

function plain(key: string, desk: Desk, screen: Screen): Act | undefined {
  const keys: Record<string, Act> = {
    j: () => step(desk, 1),
    k: () => step(desk, -1),
    "1": () => talks(desk, () => desk.listing.show({ who: "mine" })),
    "2": () => talks(desk, () => desk.listing.show({ who: "unassigned" })),
    "3": () => talks(desk, () => desk.listing.show({ who: "missed" })),
    "4": () => talks(desk, () => desk.listing.show({ who: "all" })),
    "/": () => focus(desk.front.view.value === "guests" ? "guest-filter" : "list-filter"),
    "?": () => screen.help(),
    v: () => (desk.front.view.value = desk.front.view.value === "guests" ? "talks" : "guests"),
    s: () => press("me"),
    b: () => press("alerts"),
    w: () => longestWaiting(desk),
    z: () => desk.toasts.act(),
  };
  return keys[key] ?? (desk.front.view.value === "talks" ? onOpen(key, desk) : undefined);
}

function talks(desk: Desk, act: Act): void {
  desk.front.view.value = "talks";
  act();
}

function onOpen(key: string, desk: Desk): Act | undefined {
  const id = desk.front.active.value;
  if (!id) return undefined;
  const item = desk.listing.get(id);
  if (item?.status === "erased") return key === "x" ? () => desk.front.shut(id) : undefined;
  const keys: Record<string, Act> = {
    r: () => press("mode-message"),
    n: () => press("mode-note"),
    t: () => desk.doings.take(id),
    l: () => item?.assignee === desk.me.agent && desk.doings.leave(id),
    a: () => press("assign"),
    f: () => press("transfer"),
    e: () => desk.doings.end(id),
    u: () => press("attach"),
    m: () => press("emoji"),
    q: () => press("replies-open"),
    "#": () => (showInfo(true), requestAnimationFrame(() => focus("tag-input"))),
    i: () => showInfo(!info.value),
    p: () => (showInfo(true), requestAnimationFrame(() => focus("contact-name"))),
    x: () => desk.front.shut(id),
  };
  return keys[key];
}

/** Whoever has waited longest for somebody to serve them. */
function longestWaiting(desk: Desk): void {
  const [first] = select(desk.listing.current.value, { who: "unassigned", status: "open", department: "", text: "" }, desk.me.agent);
  if (first) void desk.front.open(first.id);
}

/** Moves through the list by focus, so that Enter opens what is chosen. */
function step(desk: Desk, by: number): void {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-testid="list-item"], [data-testid="found-one"], [data-testid="guest-invite"], [data-testid="guest-open"]')];
  const focused = rows.indexOf(document.activeElement as HTMLElement);
  const from = focused >= 0 ? focused : rows.findIndex((row) => row.dataset["conversation"] === desk.front.active.value);
  rows[Math.max(0, Math.min(rows.length - 1, from + by))]?.focus();
}

function tabKeys(event: KeyboardEvent, desk: Desk): void {
  const tabs = desk.front.tabs.value;
  const number = Number(/^Digit([1-9])$/.exec(event.code)?.[1] ?? 0);
  const by = ({ ArrowUp: -1, ArrowDown: 1 } as Record<string, number>)[event.key];
  if (tabs.length === 0 || (!by && !number)) return;
  const at = tabs.indexOf(desk.front.active.value ?? "");
  const next = number ? tabs[number - 1] : tabs[(at + by! + tabs.length) % tabs.length];
  if (next) void desk.front.open(next);
  event.preventDefault();
}

function find(testid: string): HTMLElement | null {
  return document.querySelector<HTMLElement>(`[data-testid="${testid}"]`);
}

function focus(testid: string): void {
  find(testid)?.focus();
}

function press(testid: string): void {
  find(testid)?.click();
}
