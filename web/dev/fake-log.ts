/**
 * A log in memory that takes Parley's commands: the other end of the wire for tests and for
 * looking at screens. It follows the contract where the client can tell; it is no server.
 */
import type { Ack, Actor, Attachment, Body, ClientFrame, ErrorFrame, LogEvent } from "../client/types";

export interface Item {
  id: string;
  conversation: string;
  visitor: string;
  visitor_name: string | null;
  status: "open" | "closed";
  assignee: string | null;
  assignee_name: string | null;
  department: string | null;
  tags: string[];
  started_at: string;
  last_at: string;
  last: { text: string; role: string; at: string } | null;
  last_message_version: number;
  last_visitor_version: number;
  rating: number | null;
  version: number;
  version_mark: string;
  reads: Record<string, number>;
  visitor_read: number;
  visitor_online: boolean;
}

type Draft = [type: string, data: Record<string, unknown>];

const HIDDEN = new Set(["note.added", "conversation.tagged", "page.viewed"]);

export class FakeLog {
  readonly events: LogEvent[] = [];
  readonly items = new Map<string, Item>();
  readonly listeners = new Set<() => void>();
  /** What was uploaded, by its id. */
  readonly files = new Map<string, Attachment>();
  private readonly answers = new Map<string, { ack: Ack; body: string }>();
  private readonly born = new Map<LogEvent, string>();
  private seq = 0;
  epoch = "epoch-1";

  newId(): string {
    this.seq += 1;
    return `0192f000-0000-7000-8000-${String(this.seq).padStart(12, "0")}`;
  }

  /** Names the history in which the event at this offset came about; the inbox counts by positions. */
  mark(stream: string, offset: number): string {
    const event = (stream === "inbox" ? this.events : this.stream(stream))[offset - 1];
    return event ? `${this.born.get(event)}/${stream}/${offset}` : "";
  }

  /** An older copy in place of this one, under a new epoch: what came after this position never was. */
  restore(position: number, epoch: string): void {
    const kept = this.events.splice(0).slice(0, position);
    const before = new Map(this.items);
    this.items.clear();
    for (const event of kept) this.record(event, before);
    const left = new Set(kept.map((event) => event.data?.["message"] ?? event.data?.["note"]));
    for (const [key, { ack }] of this.answers) if (!left.has(ack.id)) this.answers.delete(key);
    this.epoch = epoch;
  }

  stream(name: string): LogEvent[] {
    return this.events.filter((event) => event.stream === name);
  }

  command(actor: Actor, frame: ClientFrame): Ack | ErrorFrame {
    const id = String(frame.id);
    const key = `${actor.role}/${actor.id}/${id}`;
    const body = JSON.stringify([frame.op, frame["conversation"], frame["body"], frame["upto"]]);
    const known = this.answers.get(key);
    if (known) return known.body === body ? { ...known.ack, duplicate: true } : refuse(id, "id_reused");
    const answer = this.decide(actor, frame, id);
    if (answer.op === "ack" && !answer.unchanged) this.answers.set(key, { ack: answer, body });
    return answer;
  }

  visible(event: LogEvent, role: string): boolean {
    if (role === "agent") return true;
    if (HIDDEN.has(event.type)) return false;
    return true;
  }

  shown(event: LogEvent, role: string): LogEvent {
    if (role === "agent") return event;
    const { position: _position, ...rest } = event;
    if (event.type !== "conversation.transferred") return rest;
    return { ...rest, data: { agent: event.data?.["agent"], name: event.data?.["name"] } };
  }

  private decide(actor: Actor, frame: ClientFrame, id: string): Ack | ErrorFrame {
    const text = (frame["body"] as Body | undefined)?.text;
    if (text !== undefined && [...text].length > 10_000) return refuse(id, "too_large");
    if (frame.op === "start") return this.start(actor, frame, id);
    if (frame.op === "introduce" || frame.op === "greeted") {
      const { op, id: _id, ...data } = frame;
      this.append(`visitor-${actor.id}`, actor, [[op === "greeted" ? "visitor.greeted" : "visitor.introduced", data]]);
      return { op: "ack", id };
    }
    if (frame.op === "page") {
      this.append(`visitor-${actor.id}`, actor, [["page.viewed", { page: frame["page"] }]]);
      return { op: "ack", id };
    }
    if (frame.op === "status") {
      this.append(`agent-${actor.id}`, actor, [["agent.status_changed", { status: frame["status"] }]]);
      return { op: "ack", id };
    }
    const item = this.items.get(String(frame["conversation"]));
    if (!item) return refuse(id, "not_found");
    if (actor.role === "visitor" && item.visitor !== actor.id) return refuse(id, "not_found");
    return this.inConversation(actor, frame, id, item);
  }

  private start(actor: Actor, frame: ClientFrame, id: string): Ack {
    let item = [...this.items.values()].find((one) => one.visitor === actor.id && one.status === "open");
    const drafts: Draft[] = [];
    if (!item) {
      item = this.newItem(actor);
      drafts.push(["conversation.started", { visitor: actor.id, page: frame["page"], greeting: frame["greeting"] }]);
    }
    if (frame["body"]) drafts.push(["message.posted", this.said(id, frame["body"] as Body)]);
    this.append(`conversation-${item.id}`, actor, drafts);
    return { op: "ack", id, conversation: item.id, version: item.version };
  }

  private inConversation(actor: Actor, frame: ClientFrame, id: string, item: Item): Ack | ErrorFrame {
    if (item.status === "closed" && needsOpen(actor, frame)) return refuse(id, "conversation_closed");
    if (frame["free"] && item.assignee && item.assignee !== actor.id) return refuse(id, "taken");
    const drafts = this.drafts(actor, frame, id, item);
    if (drafts.length === 0) return { op: "ack", id, conversation: item.id, version: item.version, unchanged: true };
    this.append(`conversation-${item.id}`, actor, drafts);
    return { op: "ack", id, conversation: item.id, version: item.version };
  }

  private drafts(actor: Actor, frame: ClientFrame, id: string, item: Item): Draft[] {
    const agent = actor.role === "agent";
    switch (frame.op) {
      case "post": {
        if (frame["note"]) return [["note.added", { note: id, body: frame["body"] }]];
        const first: Draft[] = item.status === "closed" ? [["conversation.reopened", {}]] : [];
        if (agent && !item.assignee) first.push(["conversation.assigned", { agent: actor.id, name: actor.name }]);
        return [...first, ["message.posted", this.said(id, frame["body"] as Body)]];
      }
      case "read": {
        const upto = Number(frame["upto"]);
        const known = agent ? (item.reads[actor.id] ?? 0) : item.visitor_read;
        return upto > known ? [["message.read", { upto }]] : [];
      }
      case "delivered":
        return agent && item.assignee !== actor.id ? [] : [["message.delivered", { upto: Number(frame["upto"]) }]];
      case "assign": {
        const to = frame["agent"] ?? actor.id;
        return to === item.assignee ? [] : [["conversation.assigned", { agent: to, name: String(frame["agent"] ?? actor.name) }]];
      }
      case "transfer":
        if (frame["agent"] === item.assignee) return [];
        return [["conversation.transferred", { agent: frame["agent"], department: frame["department"], name: frame["agent"] }]];
      case "tag":
        return String(frame["tags"]) === String(item.tags) ? [] : [["conversation.tagged", { tags: frame["tags"] }]];
      case "close":
        return item.status === "open" ? [["conversation.closed", {}]] : [];
      case "reopen":
        return item.status === "closed" ? [["conversation.reopened", {}]] : [];
      case "rate":
        return frame["rating"] === item.rating ? [] : [["conversation.rated", { rating: frame["rating"], comment: frame["comment"] }]];
      default:
        return [];
    }
  }

  private said(message: string, body: Body): Record<string, unknown> {
    return body.file ? { message, body, file: this.files.get(body.file) } : { message, body };
  }

  append(stream: string, actor: Actor, drafts: Draft[]): void {
    for (const [type, data] of drafts) {
      const event: LogEvent = {
        id: this.newId(), type, stream, version: this.stream(stream).length + 1, position: this.events.length + 1,
        at: new Date().toISOString(), actor, data: { ...data },
      };
      this.born.set(event, this.epoch);
      this.record(event, this.items);
    }
    for (const listener of [...this.listeners]) listener();
  }

  private record(event: LogEvent, known: ReadonlyMap<string, Item>): void {
    this.events.push(event);
    const id = event.stream.replace("conversation-", "");
    const before = known.get(id);
    if (!before) return;
    const item = this.items.get(id) ?? this.itemOf(id, before);
    this.items.set(id, item);
    this.project(item, event);
  }

  private newItem(actor: Actor): Item {
    const item = this.itemOf(this.newId(), { visitor: actor.id, visitor_name: actor.name ?? null });
    this.items.set(item.id, item);
    return item;
  }

  private itemOf(id: string, { visitor, visitor_name }: Pick<Item, "visitor" | "visitor_name">): Item {
    const at = new Date().toISOString();
    return {
      id, conversation: id, visitor, visitor_name, status: "open", assignee: null,
      assignee_name: null, department: null, tags: [], started_at: at, last_at: at, last: null,
      last_message_version: 0, last_visitor_version: 0, rating: null, version: 0, version_mark: "", reads: {},
      visitor_read: 0, visitor_online: true,
    };
  }

  private project(item: Item, event: LogEvent): void {
    const data = event.data ?? {};
    item.version = event.version;
    item.version_mark = this.mark(event.stream, event.version);
    if (event.type === "message.posted") {
      item.last = { text: (data["body"] as Body).text ?? "", role: event.actor.role, at: event.at };
      item.last_at = event.at;
      item.last_message_version = event.version;
      if (event.actor.role === "visitor") item.last_visitor_version = event.version;
    }
    if (event.type === "message.read") {
      if (event.actor.role === "visitor") item.visitor_read = Number(data["upto"]);
      else item.reads[event.actor.id] = Number(data["upto"]);
    }
    if (event.type === "conversation.closed") item.status = "closed";
    if (event.type === "conversation.reopened") item.status = "open";
    if (event.type === "conversation.tagged") item.tags = data["tags"] as string[];
    if (event.type === "conversation.rated") item.rating = Number(data["rating"]);
    if (event.type === "conversation.assigned" || event.type === "conversation.transferred") {
      item.assignee = (data["agent"] as string | undefined) ?? null;
      item.assignee_name = (data["name"] as string | undefined) ?? null;
    }
  }
}

function needsOpen(actor: Actor, frame: ClientFrame): boolean {
  return ["assign", "transfer"].includes(frame.op) || (frame.op === "post" && actor.role === "agent" && !frame["note"]);
}

function refuse(id: string, code: string): ErrorFrame {
  return { op: "error", id, code, message: code };
}
