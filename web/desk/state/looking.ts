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
  const marked: Marked = { id: "", upto: 0 };
  const met: Met = { visitor: "" };
  const ends = [effect(() => read(desk, marked)), effect(() => meet(desk, met))];
  const receipts = new Receipts(() => unseen(desk), (id, upto) => desk.do("delivered", id, { upto }));
  return () => [...ends, () => receipts.end()].forEach((end) => end());
}

/** How far the conversation that is looked at is marked already, though nothing says so yet. */
interface Marked {
  id: string;
  upto: number;
}

/** Who was asked for last. */
interface Met {
  visitor: string;
}

function read(desk: Desk, marked: Marked): void {
  const id = desk.front.active.value;
  if (!id || !desk.visible.value) return;
  const upto = toRead(desk.talks.transcript(id), desk.me.agent);
  const known = desk.listing.get(id)?.reads[desk.me.agent] ?? 0;
  if (upto <= Math.max(known, marked.id === id ? marked.upto : 0)) return;
  Object.assign(marked, { id, upto });
  untracked(() => desk.do("read", id, { upto }));
}

function unseen(desk: Desk): Due {
  return arrived(desk.listing.items.value, desk.me.agent, desk.visible.value ? desk.front.active.value : null);
}

/** Whose conversation is looked at is asked for once, and again later where that failed; what changes comes by the log. */
function meet(desk: Desk, met: Met): void {
  const visitor = desk.listing.get(desk.front.active.value ?? "")?.visitor;
  if (desk.client.phase.value !== "online") met.visitor = "";
  if (!visitor || !desk.listing.loaded.value || met.visitor === visitor) return;
  met.visitor = visitor;
  if (untracked(() => desk.people.get(visitor)?.partial ?? true)) untracked(() => void desk.people.load(visitor));
}
