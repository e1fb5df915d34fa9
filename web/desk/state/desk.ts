/**
 * The signed-in agent's desk: what is in the list, what is open, what may be done. It draws
 * nothing; delivery is the client's business.
 */
import { effect, signal, untracked } from "@preact/signals";
import type { Login } from "../../client/client";
import type { Db } from "../../client/db";
import { browserWorld } from "../../client/ports";
import type { Settled } from "../../client/sender";
import { browserTabs } from "../../client/tabs";
import { thread, type Item as Line } from "../../client/thread";
import { blank, prepend, type Transcript } from "../../client/transcript";
import type { Ack, ClientFrame, LogEvent, Signal } from "../../client/types";
import { uuid7 } from "../../client/uuid";
import { chime, title } from "./alerts";
import type { AgentSession } from "../../staff/api";
import type { Api } from "./api";
import { Asks } from "./asks";
import { DeskClient } from "./desk-client";
import { Drafts } from "./drafts";
import { Freshness } from "./freshness";
import { conversationOf } from "./inbox";
import { toRead } from "./reading";
import { Listing, TAIL } from "./listing";
import { keepPlace } from "./place";
import { wishes } from "./prefs";
import { Roster } from "./roster";
import { Toasts } from "./toasts";

const EARLY_MS = 60_000;
const REFRESH_MS = 30_000;
/** After these a conversation may be somebody else's business. */
const HANDED = new Set(["conversation.assigned", "conversation.transferred"]);

export class Desk {
  readonly listing: Listing;
  readonly roster: Roster;
  readonly toasts = new Toasts();
  readonly tabs = signal<string[]>([]);
  readonly active = signal<string | null>(null);
  readonly visible = signal(document.visibilityState === "visible");
  readonly drafts: Drafts;
  readonly client: DeskClient;
  private readonly _asks = new Asks();
  private readonly _marked = new Map<string, number>();
  private readonly _ends: (() => void)[] = [];
  private readonly _fresh = new Freshness();
  private _greeted = false;

  constructor(readonly me: AgentSession, readonly api: Api, db: Db, name: string, private readonly _out: () => void) {
    this.drafts = new Drafts(me.agent);
    this.roster = new Roster(api, me.agent);
    this.listing = new Listing(api, me.agent, (error) => this.toasts.complain(error));
    this.client = new DeskClient("agent", db, browserWorld, browserTabs(name, db, browserWorld), {
      authorise: (stale) => this._authorise(stale),
      events: (_feed, _state, events) => this._moved(events),
      reload: () => this._reload(),
      gone: (feed) => this._gone(feed),
      settled: (settled) => this._settled(settled),
      answered: (id, answer) => this._asks.answer(id, answer),
    });
    this.client.present = (said) => this._present(said);
    this._ends.push(effect(() => title(this.listing.unread.value, "Parley")), effect(() => this._markRead()));
    this._ends.push(effect(() => void (this.client.phase.value === "online" || this._asks.abandon())));
  }

  /** Whoever has just come through the door is there for visitors; a reload changes nothing. */
  async start(arrived: boolean): Promise<void> {
    await this.client.become(this.me.agent);
    await this.load().catch(() => {});
    this._ends.push(keepPlace(this));
    this.client.start();
    if (arrived) this._ends.push(effect(() => this._greet()));
    const timer = setInterval(() => this._refresh(), REFRESH_MS);
    this._ends.push(() => clearInterval(timer));
  }

  /** Who is there is asked for again while somebody looks: signals get lost, and not all are sent here. */
  private _refresh(): void {
    if (this.client.phase.value !== "online" || !this.visible.value) return;
    void this.listing.refresh();
    void this.roster.load();
  }

  private _present({ actor, online }: Signal): void {
    if (actor?.role === "agent") this.roster.seen(actor.id, online === true);
    else if (actor) this.listing.seen(new Map([[actor.id, online === true]]));
  }

  private _greet(): void {
    if (this.client.phase.value !== "online" || this._greeted) return;
    this._greeted = true;
    if (untracked(() => this.roster.status.value) === "offline") untracked(() => void this.setStatus("online"));
  }

  stop(): void {
    this.client.stop();
    this._ends.forEach((end) => end());
    title(0, "Parley");
  }

  async load(): Promise<void> {
    const { state, rest } = await this.listing.load();
    this.client.follow("inbox", state);
    await this.roster.load();
    for (const id of this.tabs.value) if (!this.listing.get(id)) void this.listing.fetch(id, 0);
    await this.listing.loadRest(rest);
  }

  private _reload(): void {
    this.load().catch(() => browserWorld.after(2_000, () => this._reload()));
  }

  async open(id: string, inFront = true): Promise<void> {
    if (!this.tabs.value.includes(id)) this.tabs.value = [...this.tabs.value, id];
    if (inFront) this.active.value = id;
    await this.client.open(id, this.listing.seed(id));
    this.tabs.value = [...this.tabs.value];
  }

  shut(id: string): void {
    const rest = this.tabs.value.filter((tab) => tab !== id);
    const at = this.tabs.value.indexOf(id);
    if (this.active.value === id) this.active.value = rest[Math.min(at, rest.length - 1)] ?? null;
    this.tabs.value = rest;
    this.client.shut(id);
  }

  transcript(id: string): Transcript {
    void this.tabs.value;
    return this.client.books.get(id)?.value ?? blank(id);
  }

  lines(id: string): Line[] {
    const here = <T extends { conversation: string | null }>(one: T): boolean => one.conversation === id;
    const landed = this.client.outbox.landed.value.filter((one) => here(one.entry));
    const lines = thread(this.transcript(id), this.client.outbox.pending.value.filter(here), landed, { role: "agent", id: this.me.agent });
    // The list may know of an erasure before the conversation's own feed does.
    return this.listing.get(id)?.status === "erased" ? lines.map((line) => ({ ...line, text: "", erased: true })) : lines;
  }

  do(op: string, id: string, fields: Record<string, unknown> = {}): void {
    void this.client.outbox.put(op, id, fields).catch((error: unknown) => this.toasts.complain(error));
  }

  async setStatus(status: string): Promise<void> {
    const before = this.roster.status.value;
    this.roster.status.value = status;
    try {
      await this._ask({ op: "status", status });
    } catch (error) {
      this.roster.status.value = before;
      this.toasts.complain(error);
    }
  }

  async earlier(id: string): Promise<void> {
    const view = this.transcript(id);
    const after = Math.max(0, view.trimmed - TAIL);
    try {
      const range = await this.api.events(id, after, view.trimmed - after);
      const book = this.client.books.get(id);
      if (book) book.value = prepend(book.value, range.events, after);
    } catch (error) {
      this.toasts.complain(error);
    }
  }

  /** A command that is worth nothing later: answered now or not at all. */
  private _ask(frame: ClientFrame): Promise<Ack> {
    const id = uuid7();
    const answer = this._asks.add(id);
    if (!this.client.send({ ...frame, id })) this._asks.abandon();
    return answer;
  }

  private async _authorise(stale: boolean): Promise<Login> {
    let session = this.me;
    if (stale || Date.parse(session.expires_at) - Date.now() < EARLY_MS) {
      session = await this.api.session().catch((error: unknown) => {
        if ((error as { status?: number }).status === 401) this._out();
        throw error;
      });
      Object.assign(this.me, session);
    }
    if (!this.listing.loaded.value) await this.load();
    return { ...session, actor: session.agent };
  }

  private _moved(events: LogEvent[]): void {
    this.listing.moved(events);
    for (const event of events) this._noticed(event);
  }

  private _noticed(event: LogEvent): void {
    if (this.roster.reshaped(event)) this._reload(); // they were changed while nobody was here to be reset
    if (event.type.startsWith("agent.")) return this.roster.heard(event);
    const id = conversationOf(event);
    if (id && HANDED.has(event.type) && this.roster.limited()) void this.listing.fetch(id, event.position ?? 0);
    const item = id ? this.listing.get(id) : undefined;
    if (!item || event.type !== "message.posted" || event.actor.role !== "visitor") return;
    const watched = this.visible.value && this.active.value === id;
    const fresh = this._fresh.fresh(event.at, Date.now());
    if (!watched && fresh && this.listing.concerns(item) && wishes.value.sound) chime();
  }

  private _gone(feed: string): void {
    const id = feed.replace(/^conversation:/, "");
    this.listing.drop(id);
    if (!this.tabs.value.includes(id)) return;
    this.shut(id);
    this.toasts.complain({ code: "gone" });
  }

  private _settled({ entry, answer }: Settled): void {
    if (answer.op === "error" && entry.op !== "read" && entry.op !== "post") this.toasts.complain(answer);
  }

  private _markRead(): void {
    const id = this.active.value;
    if (!id || !this.visible.value) return;
    const upto = toRead(this.transcript(id), this.me.agent);
    const known = this.listing.get(id)?.reads[this.me.agent] ?? 0;
    if (upto <= Math.max(known, this._marked.get(id) ?? 0)) return;
    this._marked.set(id, upto);
    untracked(() => this.do("read", id, { upto }));
  }
}
