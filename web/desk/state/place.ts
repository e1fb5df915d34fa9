/**
 * Where the agent is, kept in the address and the tab's own storage: the browser's Back leads from
 * a conversation to the list, and a reload finds the same conversations open.
 */
import { effect, untracked } from "@preact/signals";
import type { Desk } from "./desk";

const KEY = "parley-desk-tabs";
const GUESTS = "#visitors";
const ID = /^#([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/;

export function inAddress(hash: string): string | null {
  return ID.exec(hash)?.[1] ?? null;
}

/** Opens what was open, then follows; the answer ends it. */
export function keepPlace(desk: Desk): () => void {
  const wanted = inAddress(location.hash);
  for (const id of kept(desk.me.agent)) if (id !== wanted) void desk.front.open(id, false);
  if (wanted) void desk.front.open(wanted);
  else if (location.hash === GUESTS) desk.front.view.value = "guests";
  const back = () => {
    const id = inAddress(location.hash);
    desk.front.view.value = location.hash === GUESTS ? "guests" : "talks";
    if (id) void desk.front.open(id);
    else if (desk.front.view.value === "talks") desk.front.active.value = null;
  };
  addEventListener("popstate", back);
  const ends = [effect(() => keep(desk.me.agent, desk.front.tabs.value)), effect(() => show(desk.front.view.value === "guests" ? GUESTS : desk.front.active.value ? `#${desk.front.active.value}` : ""))];
  return () => {
    removeEventListener("popstate", back);
    untracked(() => ends.forEach((end) => end()));
  };
}

function show(hash: string): void {
  if (hash !== location.hash) history.pushState(null, "", hash || location.pathname + location.search);
}

function kept(agent: string): string[] {
  try {
    const { agent: whose, tabs } = JSON.parse(sessionStorage.getItem(KEY) ?? "{}") as { agent?: string; tabs?: string[] };
    return whose === agent && Array.isArray(tabs) ? tabs : [];
  } catch {
    return [];
  }
}

function keep(agent: string, tabs: string[]): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ agent, tabs }));
  } catch {
    // Storage is refused: a reload begins at the list.
  }
}
