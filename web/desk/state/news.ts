/** What comes by the log and the signals, told to each part of the desk that it concerns. */
import type { LogEvent, Signal } from "../../client/types";
import { fill } from "../../i18n/pick";
import { visitorName } from "../../staff/bits";
import type { Desk } from "./desk";
import { conversationOf } from "./inbox";
import { words } from "./prefs";

/** After these a conversation may be somebody else's business. */
const HANDED = new Set(["conversation.assigned", "conversation.transferred"]);
/** Whoever acts this soon after that means what was shown before. */
const GLANCE_MS = 1_000;

export class News {
  /** Conversations that were given to somebody a moment ago, and not from here. */
  readonly handed = new Set<string>();

  constructor(private readonly _desk: Desk) {}

  moved(events: LogEvent[]): void {
    for (const event of events) if (event.type === "page.viewed") this._seen(event);
    const mine = events.filter((event) => this._leaves(event));
    this._desk.listing.moved(events);
    for (const event of events) this._noticed(event);
    for (const event of mine) this._taken(event);
  }

  present({ actor, online }: Signal): void {
    if (actor?.role === "agent") this._desk.roster.seen(actor.id, online === true);
    else if (actor) this._desk.listing.seen(new Map([[actor.id, online === true]]));
  }

  /** It may not be read any more. */
  gone(feed: string): void {
    const id = feed.replace(/^conversation:/, "");
    this._desk.listing.drop(id);
    if (!this._desk.front.tabs.value.includes(id)) return;
    this._desk.front.shut(id);
    this._desk.toasts.complain({ code: "gone" });
  }

  private _seen(event: LogEvent): void {
    const visitor = event.stream.replace(/^visitor-/, "");
    this._desk.calling.seen(event, visitor, this._desk.listing.pages.value.has(visitor));
  }

  private _noticed(event: LogEvent): void {
    const { workspace, people, roster, listing, calling, toasts } = this._desk;
    workspace.heard(event);
    people.heard(event);
    if (roster.reshaped(event)) this._desk.reload(); // they were changed while nobody was here to be reset
    if (event.type.startsWith("agent.")) return this._colleague(event);
    const id = conversationOf(event);
    if (id && HANDED.has(event.type)) this._handed(id, event);
    const item = id ? listing.get(id) : undefined;
    if (item && event.type === "conversation.started") toasts.arrived(item.visitor);
    if (item) calling.heard(event, item);
  }

  /** Whether somebody else takes with it what this agent serves. */
  private _leaves({ type, actor, data, stream }: LogEvent): boolean {
    const item = this._desk.listing.items.value.get(stream.replace(/^conversation-/, ""));
    const mine = HANDED.has(type) && item?.assignee === this._desk.me.agent && item.status === "open";
    return mine && actor.role === "agent" && actor.id !== this._desk.me.agent && data?.["agent"] === actor.id;
  }

  private _taken(event: LogEvent): void {
    const { listing, toasts, front } = this._desk;
    const id = conversationOf(event)!;
    const item = listing.items.value.get(id);
    const text = fill(words().tookOver, { name: event.actor.name ?? words().somebody, visitor: visitorName(item?.visitor, item?.visitor_name) });
    toasts.say({ tone: "call", text, conversation: id, act: { label: words().look, run: () => void front.open(id) } });
  }

  private _handed(id: string, event: LogEvent): void {
    if (event.actor.id !== this._desk.me.agent) {
      this.handed.add(id);
      setTimeout(() => this.handed.delete(id), GLANCE_MS);
    }
    if (this._desk.roster.limited()) void this._desk.listing.fetch(id, event.position ?? 0);
  }

  private _colleague(event: LogEvent): void {
    const before = this._desk.roster.status.value;
    this._desk.roster.heard(event);
    this._desk.status.heard(event, before);
  }
}
