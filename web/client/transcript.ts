/**
 * A conversation as a reader sees it: the fold of its events. Pure, plain data, so that it can be
 * cached as it is. An event type it does not know changes nothing; the offset moves elsewhere.
 */
import type { Actor, Attachment, Body, LogEvent, Page } from "./types";

export interface Line {
  /** The command's id for messages and notes, so that the writer's own copy is recognised. */
  id: string;
  kind: "message" | "note" | "system";
  type: string;
  version: number;
  at: string;
  actor: Actor;
  text: string;
  /** Of a message that is a file. */
  file?: (Partial<Attachment> & { file: string }) | undefined;
  data?: Record<string, unknown>;
  erased?: boolean | undefined;
  damaged?: boolean | undefined;
}

export interface Transcript {
  conversation: string;
  status: "none" | "open" | "closed" | "erased";
  agent: { id: string; name: string | null } | null;
  department: string | null;
  tags: string[];
  rating: number | null;
  page: Page | null;
  lines: Line[];
  /** How far each side has read, and each agent for itself. */
  reads: { visitor: number; agent: number; by: Record<string, number> };
  /** How far each side's devices have it; of agents the one who serves. */
  delivered?: { visitor: number; agent: number };
  /** The version below which lines were left out; 0 when all are here. */
  trimmed: number;
}

export function blank(conversation: string): Transcript {
  return {
    conversation, status: "none", agent: null, department: null, tags: [], rating: null, page: null,
    lines: [], reads: { visitor: 0, agent: 0, by: {} }, trimmed: 0,
  };
}

/** Folds a batch; the given transcript is left as it was. */
export function fold(before: Transcript, events: LogEvent[]): Transcript {
  const view = { ...before, lines: [...before.lines] };
  for (const event of events) apply(view, event);
  return view;
}

type Data = Record<string, unknown>;

function apply(view: Transcript, event: LogEvent): void {
  const line = lineOf(event);
  if (line) view.lines.push(line);
  if (event.type === "conversation.erased") view.lines = view.lines.map(erasedLine);
  change(view, event, event.data ?? {});
}

function change(view: Transcript, event: LogEvent, data: Data): void {
  switch (event.type) {
    case "conversation.started":
      view.status = "open";
      view.page = (data["page"] as Page | undefined) ?? view.page;
      view.department = text(data["department"]);
      return;
    case "conversation.closed":
      view.status = "closed";
      return;
    case "conversation.erased":
      view.status = "erased";
      return;
    case "conversation.reopened":
      view.status = "open";
      return;
    case "conversation.assigned":
    case "conversation.transferred":
      return served(view, data);
    case "conversation.tagged":
      view.tags = Array.isArray(data["tags"]) ? data["tags"].map(String) : [];
      return;
    case "conversation.rated":
      view.rating = typeof data["rating"] === "number" ? data["rating"] : null;
      return;
    case "message.read":
      view.reads = read(view.reads, event.actor, Number(data["upto"]) || 0);
      return;
    case "message.delivered":
      view.delivered = delivered(view.delivered, event.actor, Number(data["upto"]) || 0);
      return;
  }
}

/** With no agent named it went to a department, where nobody serves it yet. */
function served(view: Transcript, data: Data): void {
  const id = text(data["agent"]);
  view.agent = id ? { id, name: text(data["name"]) } : null;
  view.department = text(data["department"]) ?? view.department;
}

function read(reads: Transcript["reads"], actor: Actor, upto: number): Transcript["reads"] {
  if (actor.role === "visitor") return { ...reads, visitor: Math.max(reads.visitor, upto) };
  const by = { ...reads.by, [actor.id]: Math.max(reads.by[actor.id] ?? 0, upto) };
  return { ...reads, agent: Math.max(reads.agent, upto), by };
}

function delivered(before: Transcript["delivered"], { role }: Actor, upto: number): NonNullable<Transcript["delivered"]> {
  const now = before ?? { visitor: 0, agent: 0 };
  const side = role === "visitor" ? "visitor" : "agent";
  return { ...now, [side]: Math.max(now[side], upto) };
}

const SYSTEM_LINES = new Set([
  "conversation.started", "conversation.assigned", "conversation.transferred", "conversation.tagged",
  "conversation.closed", "conversation.reopened", "conversation.rated", "visitor.identified",
  "conversation.missed", "conversation.unanswered",
]);

export function lineOf(event: LogEvent): Line | null {
  const base = {
    type: event.type, version: event.version, at: event.at, actor: event.actor, erased: event.erased, damaged: event.damaged,
  };
  const data = event.data ?? {};
  const body = (data["body"] as Body | undefined) ?? {};
  const said = body.text ?? "";
  if (event.type === "message.posted") {
    return { ...base, kind: "message", id: text(data["message"]) ?? event.id, text: said, ...fileOf(body, data["file"]) };
  }
  if (event.type === "note.added") {
    return { ...base, kind: "note", id: text(data["note"]) ?? event.id, text: said };
  }
  return SYSTEM_LINES.has(event.type) ? { ...base, kind: "system", id: event.id, text: "", data } : null;
}

export function fileOf(body: Body, what: unknown): Pick<Line, "file"> {
  return body.file ? { file: { ...(what as Attachment | undefined), file: body.file } } : {};
}

function erasedLine(line: Line): Line {
  const { data: _data, file: _file, ...rest } = line;
  return { ...rest, text: "", erased: true };
}

/** Earlier history put in front; it may not change what is known of the present. */
export function prepend(view: Transcript, events: LogEvent[], after: number): Transcript {
  const first = view.lines[0]?.version ?? Infinity;
  const earlier = events.filter((event) => event.version < first).map(lineOf);
  const lines = [...earlier.filter((line): line is Line => line !== null), ...view.lines];
  return { ...view, lines, trimmed: after };
}

/** The newest lines only, for the cache. */
export function trim(view: Transcript, keep: number): Transcript {
  if (view.lines.length <= keep) return view;
  const lines = view.lines.slice(-keep);
  return { ...view, lines, trimmed: lines[0]!.version - 1 };
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
