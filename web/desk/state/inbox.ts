/**
 * The list of conversations as a fold: items loaded by HTTP, moved on by the inbox feed. Pure.
 * An item's own version decides which events it has already, so loading and following may overlap.
 */
import type { Actor, Attachment, Body, LogEvent, Page } from "../../client/types";

/** What a server that is older or newer than this page may leave out. */
interface Circumstances {
  channel?: string | null;
  language?: string | null;
  skills?: string[];
  /** Since when nobody serves it; null where somebody does, or where it is closed. */
  queued_at?: string | null;
  /** Since when the visitor waits for an answer. */
  unanswered_at?: string | null;
  /** Why it was missed, until an agent answers. */
  missed?: string | null;
  invited?: boolean;
}

export interface Item extends Circumstances {
  id: string;
  visitor: string;
  visitor_name: string | null;
  status: "open" | "closed" | "erased";
  assignee: string | null;
  assignee_name?: string | null;
  department: string | null;
  tags: string[];
  started_at: string;
  last_at: string;
  last: { text: string; role: string; at: string } | null;
  last_message_version: number;
  last_visitor_version: number;
  rating: number | null;
  version: number;
  version_mark?: string;
  reads: Record<string, number>;
  visitor_read: number;
  /** Whether its visitor is there right now: no event says so, and no version counts it. */
  visitor_online: boolean;
  /** The visitor's messages by their versions, as far as they were followed here: those beyond `base`. */
  said?: number[];
  base?: number;
  /** Whether its visitor was said to have waited too long. */
  late?: boolean;
}

export type Items = ReadonlyMap<string, Item>;

/** Of how many messages of one visitor each is remembered, to count those that are unread. */
const COUNTED = 100;

export interface Step {
  items: Items;
  /** Conversations that came into sight without their beginning: to be loaded, as of this position. */
  unknown: ReadonlyMap<string, number>;
}

/** Loaded items, unless what is here is newer. */
export function merge(items: Items, loaded: Item[]): Items {
  const next = new Map(items);
  for (const item of loaded) {
    const known = next.get(item.id);
    if (!known || known.version <= item.version) next.set(item.id, counted(item, known));
  }
  return next;
}

/** What was counted here still counts if nothing was said meanwhile. */
function counted(fetched: Item, known: Item | undefined): Item {
  // A name that was just learned may be news to the view still.
  const loaded = fetched.visitor_name === null && known && fetched.status !== "erased" ? { ...fetched, visitor_name: known.visitor_name } : fetched;
  const same = known?.base !== undefined && known.last_visitor_version === loaded.last_visitor_version;
  return same ? { ...loaded, said: known.said ?? [], base: known.base! } : { ...loaded, said: [], base: loaded.last_visitor_version };
}

export function follow(items: Items, events: LogEvent[]): Step {
  const next = new Map(items);
  const unknown = new Map<string, number>();
  for (const event of events) {
    if (event.type === "visitor.identified" || event.type === "visitor.introduced") rename(next, event);
    const id = conversationOf(event);
    if (!id) continue;
    const item = next.get(id) ?? (event.type === "conversation.started" ? started(id, event) : undefined);
    if (!item) unknown.set(id, event.position ?? 0);
    else if (event.version > item.version) next.set(id, moved(item, event));
  }
  return { items: next, unknown };
}

export function conversationOf(event: LogEvent): string | null {
  return event.stream.startsWith("conversation-") ? event.stream.slice("conversation-".length) : null;
}

function rename(items: Map<string, Item>, event: LogEvent): void {
  const visitor = event.stream.replace(/^visitor-/, "");
  const name = str(event.data?.["name"]) ?? str(event.data?.["user"]);
  for (const [id, item] of items) {
    if (item.visitor === visitor && item.status !== "erased" && name) items.set(id, { ...item, visitor_name: name });
  }
}

function started(id: string, event: LogEvent): Item {
  return {
    id, visitor: str(event.data?.["visitor"]) ?? event.actor.id, visitor_name: event.actor.name ?? null,
    status: "open", assignee: null, assignee_name: null, department: str(event.data?.["department"]), tags: [],
    started_at: event.at, last_at: event.at, last: null, last_message_version: 0, last_visitor_version: 0,
    rating: null, version: 0, reads: {}, visitor_read: 0, visitor_online: true, said: [], base: 0, late: false,
    channel: str(event.data?.["channel"]), language: str(event.data?.["language"]), invited: str(event.data?.["invitation"]) !== null,
    queued_at: event.at, unanswered_at: null, missed: null,
  };
}

function moved(before: Item, event: LogEvent): Item {
  const gone = event.erased || before.status === "erased" || event.type === "conversation.erased";
  return { ...before, ...(gone ? ERASED : change(before, event, event.data ?? {})), version: event.version };
}

/** What an erasure leaves of an item is that it was there. */
const ERASED: Partial<Item> = {
  status: "erased", last: null, visitor_name: null, assignee_name: null, tags: [], rating: null, reads: {}, visitor_read: 0,
  queued_at: null, unanswered_at: null, missed: null, late: false,
};

function change(item: Item, event: LogEvent, data: Record<string, unknown>): Partial<Item> {
  switch (event.type) {
    case "message.posted": return spoken(item, event, data);
    case "message.read": return read(item, event.actor, Number(data["upto"]) || 0);
    case "conversation.assigned":
    case "conversation.transferred": return served(item, event.at, data);
    case "conversation.tagged": return { tags: Array.isArray(data["tags"]) ? data["tags"].map(String) : [] };
    case "conversation.closed": return { status: "closed", last_at: event.at, queued_at: null, unanswered_at: null, late: false };
    case "conversation.reopened": return { status: "open", last_at: event.at, queued_at: item.assignee ? null : event.at };
    case "conversation.missed": return { missed: str(data["reason"]) ?? "unanswered" };
    case "conversation.unanswered": return { late: true, unanswered_at: item.unanswered_at ?? event.at };
    case "conversation.rated": return { rating: Number(data["rating"]) || null };
    default: return {};
  }
}

/** What a message says, or what the file that it is is called. */
export function wordsOf(data: Record<string, unknown>): string {
  const text = (data["body"] as Body | undefined)?.text;
  return text ?? (data["file"] as Attachment | undefined)?.name ?? "";
}

function spoken(item: Item, event: LogEvent, data: Record<string, unknown>): Partial<Item> {
  const { role } = event.actor;
  const last = { last: { text: wordsOf(data), role, at: event.at }, last_at: event.at, last_message_version: event.version };
  if (role !== "visitor") return { ...last, ...(role === "agent" ? { unanswered_at: null, missed: null, late: false } : {}) };
  const said = [...(item.said ?? []), event.version].slice(-COUNTED);
  return { ...last, last_visitor_version: event.version, unanswered_at: item.unanswered_at ?? event.at, said };
}

function read(item: Item, actor: Actor, upto: number): Partial<Item> {
  if (actor.role === "visitor") return { visitor_read: Math.max(item.visitor_read, upto) };
  return { reads: { ...item.reads, [actor.id]: Math.max(item.reads[actor.id] ?? 0, upto) } };
}

/** With no agent named it went to a department, where nobody serves it yet; who waited already keeps its place. */
function served(item: Item, at: string, data: Record<string, unknown>): Partial<Item> {
  const agent = str(data["agent"]);
  const department = str(data["department"]) ?? item.department;
  return { assignee: agent, assignee_name: agent ? str(data["name"]) : null, department, queued_at: agent ? null : item.queued_at ?? at };
}

function str(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** Who of these visitors is there now, and who is not. */
export function seen(items: Items, visitors: ReadonlyMap<string, boolean>): Items {
  const next = new Map(items);
  for (const [id, item] of items) {
    const online = visitors.get(item.visitor);
    if (online !== undefined && online !== item.visitor_online) next.set(id, { ...item, visitor_online: online });
  }
  return next;
}

/** Has a visitor's word that this agent has not read. */
export function isUnread(item: Item, me: string): boolean {
  return item.status !== "erased" && item.last_visitor_version > (item.reads[me] ?? 0);
}

/** How many of the visitor's messages are unread; 0 where some are and nobody has counted them. */
export function unreadCount(item: Item, me: string): number {
  const read = item.reads[me] ?? 0;
  return read < (item.base ?? Infinity) ? 0 : (item.said ?? []).filter((version) => version > read).length;
}

export interface PageView {
  page: Page;
  at: string;
}

/** The pages that each visitor was seen on, newest last, a bounded number; one seen twice in a row counts once. */
export function paths(before: ReadonlyMap<string, PageView[]>, events: LogEvent[]): ReadonlyMap<string, PageView[]> {
  const views = events.filter((event) => event.data?.["page"]);
  if (views.length === 0) return before;
  const next = new Map(before);
  for (const event of views) {
    const visitor = event.stream.startsWith("visitor-") ? event.stream.slice("visitor-".length) : event.actor.id;
    const page = event.data!["page"] as Page;
    const seen = (next.get(visitor) ?? []).filter((view, i, all) => i < all.length - 1 || view.page.url !== page.url);
    next.set(visitor, [...seen, { page, at: event.at }].slice(-50));
  }
  return next;
}
