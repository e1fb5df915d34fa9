/**
 * What follows from an agent's looking at a conversation: it is read, and its visitor is asked for.
 * Of what is not looked at the visitor is told that it is here.
 */
import { effect, untracked } from "@preact/signals";
import { Receipts, type Due } from "../../client/receipts";
import { arrived } from "./arrived";
import type { Desk } from "./desk";
import { toRead } from "./reading";

/** Follows; the answer ends it. */
export function looking(desk: Desk): () => void {
  const marked = new Map<string, number>();
  const asked = new Set<string>();
  const ends = [effect(() => read(desk, marked)), effect(() => meet(desk, asked))];
  const receipts = new Receipts(() => unseen(desk), (id, upto) => desk.do("delivered", id, { upto }));
  return () => [...ends, () => receipts.end()].forEach((end) => end());
}

function read(desk: Desk, marked: Map<string, number>): void {
  const id = desk.front.active.value;
  if (!id || !desk.visible.value) return;
  const upto = toRead(desk.talks.transcript(id), desk.me.agent);
  const known = desk.listing.get(id)?.reads[desk.me.agent] ?? 0;
  if (upto <= Math.max(known, marked.get(id) ?? 0)) return;
  marked.set(id, upto);
  untracked(() => desk.do("read", id, { upto }));
}

function unseen(desk: Desk): Due {
  return arrived(desk.listing.items.value, desk.me.agent, desk.visible.value ? desk.front.active.value : null);
}

/** Whose conversation is looked at is asked for once, and again after a lost network where that failed; what changes comes by the log. */
function meet(desk: Desk, asked: Set<string>): void {
  const visitor = desk.listing.get(desk.front.active.value ?? "")?.visitor;
  if (desk.client.phase.value !== "online") asked.clear();
  if (!visitor || !desk.listing.loaded.value || asked.has(visitor)) return;
  asked.add(visitor);
  if (untracked(() => desk.people.get(visitor)?.partial ?? true)) untracked(() => void desk.people.load(visitor));
}
