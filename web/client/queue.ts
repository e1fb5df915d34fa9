/**
 * The rules of the outbox: what is kept, what may be sent next, what an answer changes. Pure
 * functions from rows to changes; the store runs them inside one transaction. No socket, no time.
 *
 * A command's id, op and conversation are fixed once it was sent, since the server remembers them.
 * Within a lane (a conversation) the order written is the order in which things take effect, however
 * often a socket is lost before the answers are here.
 */
import type { Change, Row } from "./db";
import type { Ack, Attachment, ClientFrame, ErrorFrame, Role } from "./types";

export interface Entry extends Row {
  /** The order of writing, over all tabs. */
  seq: number;
  /** Under whom it was written; nobody else may send it. */
  actor: string;
  /** null: the conversation that the `start` before it will open. */
  conversation: string | null;
  op: string;
  fields: Record<string, unknown>;
  /** What a `start` says besides: kept by each message until it is known whether it opens a conversation. */
  opening?: Record<string, unknown>;
  /** What is known here of its file, which the server is not told. */
  shown?: Attachment;
  /** Its file, as long as that is on its way up: until then there is nothing to send. */
  awaits?: Awaited;
  at: string;
  sent?: boolean;
  refused?: { code: string; message: string };
}

export interface Awaited {
  name: string;
  size: number;
  /** What the server calls it, once it was told of it. */
  begun?: { file: string; chunk_bytes: number };
}

export type Draft = Omit<Entry, "seq" | "sent" | "refused">;

/** What is said of the visitor, wherever they talk. */
const OF_NO_CONVERSATION = new Set(["start", "introduce", "greeted"]);

/** Words written before the first session is bought belong to whoever that session says we are. */
export const NOBODY_YET = "new";

const NEW_LANE = "new";

export function lane(entry: Entry): string {
  return entry.conversation ?? NEW_LANE;
}

export function isMessage(entry: Pick<Entry, "op" | "fields">): boolean {
  return (entry.op === "post" || entry.op === "start") && entry.fields["body"] !== undefined;
}

export function mine(rows: Entry[], actor: string): Entry[] {
  return rows.filter((row) => row.actor === actor).sort((a, b) => a.seq - b.seq);
}

/** What is to be sent still, or is under way. */
export function waiting(rows: Entry[], actor: string): Entry[] {
  return mine(rows, actor).filter((row) => !row.refused && !row.awaits);
}

export function frame(entry: Entry): ClientFrame {
  const base: ClientFrame = { op: entry.op, id: entry.key, ...entry.fields };
  if (entry.op === "start") Object.assign(base, entry.opening);
  else if (entry.conversation) base["conversation"] = entry.conversation;
  return base;
}

/** A visitor's message with no conversation known opens one, unless one is being opened already. */
export function add(rows: Entry[], draft: Draft): Change<Entry>[] {
  const seq = 1 + rows.reduce((top, row) => Math.max(top, row.seq), 0);
  const entry: Entry = { ...draft, seq };
  if (!entry.awaits && entry.op === "post" && entry.conversation === null && !opening(rows, entry.actor)) entry.op = "start";
  return [...superseded(rows, entry), { put: entry }];
}

function opening(rows: Entry[], actor: string): boolean {
  return rows.some((row) => row.actor === actor && row.op === "start" && !row.refused);
}

const MARKS = new Set(["read", "delivered"]);

/** A mark says how far one has got: a later one says all that an earlier one did. */
export function isMark(entry: Pick<Entry, "op">): boolean {
  return MARKS.has(entry.op);
}

/** Of marks only the last counts; but what was sent once must stay. */
function superseded(rows: Entry[], entry: Entry): Change<Entry>[] {
  if (!isMark(entry)) return [];
  return rows
    .filter((row) => row.op === entry.op && !row.sent && row.actor === entry.actor)
    .filter((row) => row.conversation === entry.conversation)
    .map((row) => ({ drop: row.key }));
}

type Known = Pick<ReadonlySet<string>, "has">;

/** What of these, none of them refused, may go out now, in order: nothing under way, nothing in a lane that is shut. */
export function choose(rows: Entry[], role: Role, flying: Known, shut: Set<string>, room: number): Entry[] {
  return reachable(rows)
    .filter((row) => {
      const open = !shut.has(lane(row));
      if (!followed(row, role)) shut.add(lane(row));
      return open && !flying.has(row.key) && (row.conversation !== null || OF_NO_CONVERSATION.has(row.op));
    })
    .slice(0, room);
}

/**
 * Whether more may be sent behind it before its answer is here. A mark only grows, and what a
 * visitor says is remembered by the server. Anything else may turn out to change nothing, or be
 * refused, which is not remembered: sent again it is decided anew, and would have effect behind
 * what went after it.
 */
function followed(entry: Entry, role: Role): boolean {
  return isMark(entry) || (role === "visitor" && isMessage(entry));
}

/**
 * A `start` may turn out to speak in a conversation that others of these already speak in, so it
 * goes alone: after all that was written before it is settled, and before anything written later.
 */
function reachable(rows: Entry[]): Entry[] {
  const start = rows.findIndex((row) => row.op === "start");
  return start < 0 ? rows : rows.slice(0, Math.max(1, start));
}

/** The ack is the proof of safe keeping: only now is the copy dropped. */
export function acked(rows: Entry[], ack: Ack): Change<Entry>[] {
  const entry = rows.find((row) => row.key === ack.id);
  if (!entry) return [];
  const changes: Change<Entry>[] = [{ drop: entry.key }];
  const conversation = ack.conversation;
  if (entry.op !== "start" || !conversation) return changes;
  const waiting = rows.filter((row) => row.actor === entry.actor && row.conversation === null && !OF_NO_CONVERSATION.has(row.op));
  return [...changes, ...waiting.map((row) => ({ put: { ...row, conversation } }))];
}

/** A final no. Words stay, with the reason, until their writer decides; other commands go. */
export function refused(rows: Entry[], error: ErrorFrame): Change<Entry>[] {
  const entry = rows.find((row) => row.key === error.id);
  if (!entry) return [];
  if (!isMessage(entry)) return [{ drop: entry.key }, ...promoted(rows, entry)];
  if (error.code === "other_open") return [{ put: { ...entry, op: "start", conversation: null } }];
  const marked = { ...entry, refused: { code: error.code, message: error.message } };
  return [{ put: marked }, ...promoted(rows, entry)];
}

/** With its `start` refused, the next waiting message must open the conversation itself. */
function promoted(rows: Entry[], failed: Entry): Change<Entry>[] {
  if (failed.op !== "start") return [];
  const rest = mine(rows, failed.actor).filter((row) => row.key !== failed.key && row.conversation === null);
  if (rest.some((row) => row.op === "start" && !row.refused)) return [];
  const next = rest.find((row) => row.op === "post" && !row.awaits);
  return next ? [{ put: { ...next, op: "start" } }] : [];
}

/**
 * The writer's wish to try a refused message once more: at the end, behind what went since.
 * An id that the server knows for other words can never pass, so those get a fresh one.
 */
export function again(rows: Entry[], key: string, freshKey: string): Change<Entry>[] {
  const entry = rows.find((row) => row.key === key);
  if (!entry?.refused) return [];
  const { refused: reason, ...rest } = entry;
  const seq = 1 + Math.max(...rows.map((row) => row.seq));
  if (reason.code !== "id_reused") return [{ put: { ...rest, seq } }];
  return [{ drop: key }, { put: { ...rest, key: freshKey, sent: false, seq } }];
}

/** Only what the server has refused for good, or was never sent, may be thrown away: anything else may be on its way. */
export function discarded(rows: Entry[], key: string): Change<Entry>[] {
  return rows.some((row) => row.key === key && (row.refused || row.awaits)) ? [{ drop: key }] : [];
}

/** Words written before it was known who writes them. */
export function adopted(rows: Entry[], from: string, to: string): Change<Entry>[] {
  return rows.filter((row) => row.actor === from).map((row) => ({ put: { ...row, actor: to } }));
}

/**
 * The secret of an anonymous visitor is good no more: its unsent words would never leave. They
 * go out under the new one, which is the same person at the same browser; other commands end.
 */
export function orphaned(rows: Entry[], from: string, to: string): Change<Entry>[] {
  const all = mine(rows, from);
  const words = all.filter(isMessage);
  const moved = words.map((row, i): Change<Entry> => ({
    put: { ...row, actor: to, conversation: null, sent: false, op: i === 0 ? "start" : "post" },
  }));
  return [...all.filter((row) => !isMessage(row) && !row.awaits).map((row) => ({ drop: row.key })), ...moved, ...inherited(rows, from, to)];
}

/** Files on their way up are nobody's words yet: whoever this person is from now on sends them. */
export function inherited(rows: Entry[], from: string, to: string): Change<Entry>[] {
  return mine(rows, from).filter((row) => row.awaits).map((row) => ({ put: { ...row, actor: to, conversation: null } }));
}

export function markSent(rows: Entry[]): Change<Entry>[] {
  return rows.map((row) => ({ put: { ...row, sent: true } }));
}
