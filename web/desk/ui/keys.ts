/** The shortcuts: what a key does when no field has the focus. */
import type { Desk } from "../state/desk";
import { info, showInfo } from "../state/prefs";

export interface Screen {
  help(): void;
}

export function onKey(event: KeyboardEvent, desk: Desk, screen: Screen): void {
  if (event.isComposing || event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return;
  const target = event.target as HTMLElement;
  const writing = target.matches("input, textarea, select");
  if (event.altKey) return tabKeys(event, desk);
  if (event.key === "Escape" && writing) return target.blur();
  if (writing || (event.repeat && !STEPS.has(event.key))) return;
  const act = plain(event.key, desk, screen);
  if (!act) return;
  event.preventDefault();
  act();
}

/** What may be held down: a key that lies too long on "e" must not close and reopen all the while. */
const STEPS = new Set(["j", "k"]);

function plain(key: string, desk: Desk, screen: Screen): (() => void) | undefined {
  const keys: Record<string, () => void> = {
    j: () => step(desk, 1),
    k: () => step(desk, -1),
    "1": () => desk.listing.show({ who: "mine" }),
    "2": () => desk.listing.show({ who: "unassigned" }),
    "3": () => desk.listing.show({ who: "all" }),
    "/": () => focus("list-filter"),
    "?": () => screen.help(),
    i: () => showInfo(!info.value),
  };
  return keys[key] ?? onOpen(key, desk);
}

function onOpen(key: string, desk: Desk): (() => void) | undefined {
  const id = desk.active.value;
  if (!id) return undefined;
  const item = desk.listing.get(id);
  if (item?.status === "erased") return key === "x" ? () => desk.shut(id) : undefined;
  const keys: Record<string, () => void> = {
    r: () => press("mode-message"),
    n: () => press("mode-note"),
    t: () => desk.do("assign", id),
    e: () => desk.do(item?.status === "closed" ? "reopen" : "close", id),
    "#": () => (showInfo(true), requestAnimationFrame(() => focus("tag-input"))),
    x: () => desk.shut(id),
  };
  return keys[key];
}

/** Moves through the list by focus, so that Enter opens what is chosen. */
function step(desk: Desk, by: number): void {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-testid="list-item"]')];
  const focused = rows.indexOf(document.activeElement as HTMLElement);
  const from = focused >= 0 ? focused : rows.findIndex((row) => row.dataset["conversation"] === desk.active.value);
  rows[Math.max(0, Math.min(rows.length - 1, from + by))]?.focus();
}

function tabKeys(event: KeyboardEvent, desk: Desk): void {
  if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
  const tabs = desk.tabs.value;
  if (tabs.length === 0) return;
  const at = tabs.indexOf(desk.active.value ?? "");
  const next = (at + (event.key === "ArrowDown" ? 1 : -1) + tabs.length) % tabs.length;
  desk.active.value = tabs[next]!;
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
