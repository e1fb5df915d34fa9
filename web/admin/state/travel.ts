/**
 * A conversation as it stood at a moment: what had been said, and who had read how far. Pure: the same
 * events give the same moment, and one more event gives the next.
 */
import { blank, fold, type Transcript } from "../../client/transcript";
import type { LogEvent } from "../../client/types";

/** How far somebody had read, and how much of what the others said that left out. */
export interface Reader {
  role: string;
  id: string;
  name: string | null;
  upto: number;
  at: string | null;
  unread: number;
}

export interface Moment {
  view: Transcript;
  readers: Reader[];
  /** The newest event of it; absent before the first. */
  last: LogEvent | undefined;
}

export function momentOf(conversation: string, events: LogEvent[]): Moment {
  const view = fold(blank(conversation), events);
  return { view, readers: readersOf(view, events), last: events.at(-1) };
}

/** The visitor, and every agent who had a part in it, in the order in which they came. */
function readersOf(view: Transcript, events: LogEvent[]): Reader[] {
  const readers = new Map<string, Reader>();
  for (const event of events) {
    const { role, id, name } = event.actor;
    if (role !== "visitor" && role !== "agent") continue;
    const known = readers.get(id) ?? { role, id, name: null, upto: 0, at: null, unread: 0 };
    readers.set(id, { ...known, name: name ?? known.name, ...(event.type === "message.read" ? read(known, event) : {}) });
  }
  return [...readers.values()].map((reader) => ({ ...reader, unread: unread(view, reader) }));
}

function read(before: Reader, event: LogEvent): Partial<Reader> {
  const upto = Number(event.data?.["upto"]) || 0;
  return upto > before.upto ? { upto, at: event.at } : {};
}

function unread(view: Transcript, reader: Reader): number {
  const shown = (kind: string): boolean => kind === "message" || (kind === "note" && reader.role === "agent");
  return view.lines.filter((line) => shown(line.kind) && line.actor.id !== reader.id && line.version > reader.upto).length;
}

/** Who had come exactly as far as this line and no further: where their marks stand. */
export function marksAt(moment: Moment): Map<number, Reader[]> {
  const marks = new Map<number, Reader[]>();
  for (const reader of moment.readers) {
    const line = moment.view.lines.findLast((one) => one.version <= reader.upto && one.kind !== "system");
    if (line) marks.set(line.version, [...(marks.get(line.version) ?? []), reader]);
  }
  return marks;
}

/** As `domain/visibility.py` has it: what a visitor does not learn of, and what of the rest it is not told. */
const HIDDEN = new Set(["note.added", "conversation.tagged", "visitor.identified", "visitor.erased", "page.viewed"]);
const WITHHELD: Record<string, string[]> = { "conversation.started": ["department", "site"], "conversation.transferred": ["department"] };

/** What its visitor was shown of it: no notes, no tags, no department, and only the reads of the agent who served it then. */
export function asVisitor(events: LogEvent[]): LogEvent[] {
  let serving: unknown = null;
  return events.filter((event) => {
    if (event.type === "conversation.assigned" || event.type === "conversation.transferred") serving = event.data?.["agent"] ?? null;
    if (event.type === "message.read" && event.actor.role === "agent") return event.actor.id === serving;
    return !HIDDEN.has(event.type);
  }).map(withoutWithheld);
}

function withoutWithheld(event: LogEvent): LogEvent {
  const fields = WITHHELD[event.type];
  if (!fields || !event.data) return event;
  return { ...event, data: Object.fromEntries(Object.entries(event.data).filter(([name]) => !fields.includes(name))) };
}

/** Once it is erased nothing of it may be shown, at no moment: what is held is then as the server would give it now. */
export function forgotten(events: LogEvent[]): LogEvent[] {
  return events.some(erasure) ? emptied(events) : events;
}

/** The same where the erasure itself is not among them. */
export function emptied(events: LogEvent[]): LogEvent[] {
  return events.map((event) => (erasure(event) ? event : { ...event, data: null, erased: true, actor: { ...event.actor, name: null } }));
}

const erasure = (event: LogEvent): boolean => event.type === "conversation.erased";

/** How many events had happened by this version. */
export function indexOf(events: LogEvent[], version: number | null): number {
  if (version === null) return events.length;
  const found = events.findIndex((event) => event.version > version);
  return found < 0 ? events.length : Math.max(1, found);
}
