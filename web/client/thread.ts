/**
 * What is shown of a conversation: its lines, then the reader's own words still on their way,
 * each thing once. Pure; the reader's side decides what "own" and "read" mean.
 */
import { isMessage, type Entry } from "./queue";
import { fileOf, type Line, type Transcript } from "./transcript";
import type { Body, Role } from "./types";

export type Delivery = "sending" | "refused" | "sent" | "delivered" | "read" | "theirs";

export interface Item extends Line {
  state: Delivery;
  reason?: { code: string; message: string };
}

export interface Reader {
  role: Role;
  id: string;
}

/** Acked but not yet seen in the feed: kept on screen so that nothing flickers. */
export interface Landed {
  entry: Entry;
  version: number;
}

export function thread(view: Transcript, pending: Entry[], landed: Landed[], reader: Reader): Item[] {
  const other = reader.role === "visitor" ? "agent" : "visitor";
  const reached = { read: view.reads[other], delivered: view.delivered?.[other] ?? 0 };
  const items = view.lines.map((line): Item => ({ ...line, state: delivery(line, reader, reached) }));
  const known = new Set(view.lines.map((line) => line.id));
  const acked = landed.filter((one) => !known.has(one.entry.key)).map((one) => own(one.entry, reader, "sent"));
  acked.forEach((item) => known.add(item.id));
  const waiting = pending
    .filter((entry) => isMessage(entry) && !known.has(entry.key))
    .map((entry) => own(entry, reader, entry.refused ? "refused" : "sending"));
  return [...items, ...acked, ...waiting];
}

function delivery(line: Line, reader: Reader, reached: { read: number; delivered: number }): Delivery {
  if (line.kind === "system" || line.actor.role !== reader.role) return "theirs";
  if (line.kind === "note") return "sent";
  if (line.version <= reached.read) return "read";
  return line.version <= reached.delivered ? "delivered" : "sent";
}

function own(entry: Entry, reader: Reader, state: Delivery): Item {
  const note = entry.fields["note"] === true;
  const body = (entry.fields["body"] as Body | undefined) ?? {};
  return {
    id: entry.key,
    kind: note ? "note" : "message",
    type: note ? "note.added" : "message.posted",
    version: Infinity,
    at: entry.at,
    actor: { role: reader.role, id: reader.id },
    text: body.text ?? "",
    ...fileOf(body, entry.shown),
    state,
    ...(entry.refused ? { reason: entry.refused } : {}),
  };
}

/** How many of the other side's messages the reader has not seen. */
export function unread(view: Transcript, reader: Reader): number {
  const seen = reader.role === "visitor" ? view.reads.visitor : (view.reads.by[reader.id] ?? 0);
  return view.lines.filter((line) => line.version > seen && fromOther(line, reader.role)).length;
}

export function lastVersion(view: Transcript, role: Role): number {
  return view.lines.findLast((line) => fromOther(line, role))?.version ?? 0;
}

function fromOther(line: Line, role: Role): boolean {
  return line.kind === "message" && line.actor.role !== role;
}
