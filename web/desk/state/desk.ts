/**
 * The signed-in agent's desk: what is in the list, what is open, what may be done. It draws
 * nothing; delivery is the client's business.
 */
import { computed, effect, signal, untracked } from "@preact/signals";
import type { Login } from "../../client/client";
import type { Db } from "../../client/db";
import { browserWorld } from "../../client/ports";
import { Receipts } from "../../client/receipts";
import type { Settled } from "../../client/sender";
import { browserTabs } from "../../client/tabs";
import { thread, unread, type Item as Line } from "../../client/thread";
import { blank, prepend, type Transcript } from "../../client/transcript";
import type { Ack, Attachment, ClientFrame, LogEvent, Signal } from "../../client/types";
import { uuid7 } from "../../client/uuid";
import { title } from "./alerts";
import type { AgentSession } from "../../staff/api";
import type { Api } from "./api";
import { arrived } from "./arrived";
import { Asks } from "./asks";
import { Attachments, type Carrier } from "./attachments";
import { Calling } from "./calling";
import { DeskClient } from "./desk-client";
import { Doings } from "./doings";
import { Drafts } from "./drafts";
import { Finding } from "./finding";
import { Guests } from "./guests";
import { conversationOf, unreadCount } from "./inbox";
import { toRead } from "./reading";
import { Listing, TAIL } from "./listing";
import { People } from "./people";
import { keepPlace } from "./place";
import { Roster } from "./roster";
import { Workspace } from "./settings";
import { Status } from "./status";
import { Toasts } from "./toasts";

const EARLY_MS = 60_000;
const REFRESH_MS = 30_000;
const MINUTE_MS = 10_000;
/** After these a conversation may be somebody else's business. */
const HANDED = new Set(["conversation.assigned", "conversation.transferred"]);
/** Whoever acts this soon after that means what was shown before. */
const GLANCE_MS = 1_000;

export class Desk {
  readonly listing: Listing;
  readonly roster: Roster;
  readonly toasts = new Toasts();
  readonly tabs = signal<string[]>([]);
  readonly active = signal<string | null>(null);
  /** Whether the conversations are looked at, or who is on the site. */
  readonly view = signal<"talks" | "guests">("talks");
  /** The place in a conversation that is to be shown. */
  readonly sought = signal<{ conversation: string; version: number } | null>(null);
  readonly visible = signal(document.visibilityState === "visible");
  /** The server's time, now and then: what waits too long shows. */
  readonly now = signal(Date.now());
  readonly drafts: Drafts;
  readonly client: DeskClient;
  readonly workspace: Workspace;
  readonly status: Status;
  readonly people: People;
  readonly guests: Guests;
  readonly finding: Finding;
  readonly attachments: Attachments;
  /** Conversations that were given to somebody a moment ago, and not from here. */
  readonly handed = new Set<string>();
  readonly doings = new Doings(this);
  readonly calling: Calling;
  private readonly _names = computed(() => new Map([...this.listing.items.value.values()].map((item) => [item.visitor, item.visitor_name])));
  private readonly _asks = new Asks();
  private readonly _marked = new Map<string, number>();
  private readonly _ends: (() => void)[] = [];
  private _greeted = false;

  constructor(readonly me: AgentSession, readonly api: Api, db: Db, name: string, readonly uploads: Carrier, private readonly _out: () => void) {
    this.drafts = new Drafts(me.agent);
    this.roster = new Roster(api, me.agent);
    this.workspace = new Workspace(api);
    this.listing = new Listing(api, me.agent, (error) => this.toasts.complain(error));
    this.people = new People(api, (visitor) => this.listing.earlier(visitor));
    this.guests = new Guests(api, () => this.visible.value);
    this.finding = new Finding(api, this.listing.text);
    this.attachments = new Attachments(uploads);
    this.status = new Status(me.agent, this.roster, this.workspace, (fields) => this._ask({ op: "status", ...fields }), (error) => this.toasts.complain(error));
    const watched = (id: string) => this.visible.value && this.active.value === id;
    this.calling = new Calling({ me: me.agent, watched, visible: () => this.visible.value, open: (id) => void this.open(id) }, this.toasts);
    this.client = new DeskClient("agent", db, browserWorld, browserTabs(name, db, browserWorld), {
      authorise: (stale) => this._authorise(stale),
      events: (_feed, _state, events) => this._moved(events),
      reload: () => this._reload(),
      gone: (feed) => this._gone(feed),
      settled: (settled) => this._settled(settled),
      answered: (id, answer) => this._asks.answer(id, answer),
    });
    this.client.present = (said) => this._present(said);
    this._ends.push(this.finding.end, effect(() => this.calling.count(this.listing.unread.value)), effect(() => this._markRead()));
    this._ends.push(effect(() => void (this.listing.pending.value = this.client.outbox.pending.value)));
    this._ends.push(effect(() => void (this.visible.value && this.calling.calm())), effect(() => this._meet()));
    this._ends.push(effect(() => void (this.client.phase.value === "online" || this._asks.abandon())));
  }

  /** Tells visitors that their words are on this desk, though not in sight. */
  private _receipts(): Receipts {
    const seen = () => (this.visible.value ? this.active.value : null);
    return new Receipts(() => arrived(this.listing.items.value, this.me.agent, seen()), (id, upto) => this.do("delivered", id, { upto }));
  }

  /** Whoever has just come through the door is there for visitors; a reload changes nothing. */
  async start(arrived: boolean): Promise<void> {
    await this.client.become(this.me.agent);
    await this.load().catch(() => {});
    this.status.begin();
    const receipts = this._receipts();
    this._ends.push(keepPlace(this), () => receipts.end());
    this.client.start();
    if (arrived) this._ends.push(effect(() => this._greet()));
    const away = new AbortController();
    this.status.watch(() => this.client.phase.value === "online", away.signal);
    const timers = [setInterval(() => this._refresh(), REFRESH_MS), setInterval(() => (this.now.value = this.calling.now()), MINUTE_MS)];
    this._ends.push(() => timers.forEach(clearInterval), () => away.abort(), () => this.guests.hide());
  }

  /** Whose conversation is looked at is asked for once; what changes comes by the log. */
  private _meet(): void {
    const visitor = this.listing.get(this.active.value ?? "")?.visitor;
    if (visitor && this.listing.loaded.value && !untracked(() => this.people.get(visitor))) untracked(() => void this.people.load(visitor));
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
    if (untracked(() => this.roster.status.value) === "offline") untracked(() => void this.status.choose("online"));
  }

  stop(): void {
    this.client.stop();
    this._ends.forEach((end) => end());
    this.calling.calm();
    title(0, "Parley");
  }

  async load(): Promise<void> {
    const { state, rest } = await this.listing.load();
    this.client.follow("inbox", state);
    // What is further down comes while the first page is looked at already.
    void this.listing.loadRest(rest).then(() => this.listing.loadMissed());
    void this.workspace.load();
    await this.roster.load();
    for (const id of this.tabs.value) if (!this.listing.get(id)) void this.listing.fetch(id, 0);
  }

  private _reload(): void {
    this.load().catch(() => browserWorld.after(2_000, () => this._reload()));
  }

  async open(id: string, inFront = true): Promise<void> {
    if (!this.tabs.value.includes(id)) this.tabs.value = [...this.tabs.value, id];
    if (inFront) {
      this.active.value = id;
      this.view.value = "talks";
      this.toasts.arrived(id);
    }
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

  /** At a place that was found in it. */
  async openAt(conversation: string, version: number): Promise<void> {
    this.sought.value = { conversation, version };
    if (!this.listing.get(conversation)) await this.listing.fetch(conversation, 0);
    await this.open(conversation);
  }

  /** How many of a conversation's messages are unread; 0 where some are and nobody knows how many. */
  unread(id: string): number {
    const book = this.client.books.get(id)?.value;
    const item = this.listing.get(id);
    if (book && book.trimmed === 0 && book.lines.length > 0) return unread(book, { role: "agent", id: this.me.agent });
    return item ? unreadCount(item, this.me.agent) : 0;
  }

  /** Whether its visitor has waited longer than is wished. */
  overdue(id: string): boolean {
    const item = this.listing.get(id);
    const limit_ms = this.workspace.settings.value.routing.remind_after_s * 1_000;
    if (!item?.unanswered_at || item.status !== "open") return false;
    return item.late === true || (limit_ms > 0 && this.now.value - Date.parse(item.unanswered_at) > limit_ms);
  }

  /** What a visitor is called, by their last conversation. */
  nameOf(visitor: string): string | null {
    return this._names.value.get(visitor) ?? null;
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

  /** `shown`: what the agent sees of it meanwhile, where the server is told less. */
  do(op: string, id: string, fields: Record<string, unknown> = {}, shown?: Attachment): void {
    void this.client.outbox.put(op, id, fields, shown ? { shown } : {}).catch((error: unknown) => this.toasts.complain(error));
  }

  /** Asks somebody on the site whether they want to talk; the conversation begins when they answer. */
  async invite(visitor: string, text: string): Promise<boolean> {
    try {
      await this._ask({ op: "invite", visitor, body: { text } });
      return true;
    } catch (error) {
      this.toasts.complain(error);
      return false;
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
    for (const event of events) if (event.type === "page.viewed") this._seen(event);
    this.listing.moved(events);
    for (const event of events) this._noticed(event);
  }

  private _seen(event: LogEvent): void {
    const visitor = event.stream.replace(/^visitor-/, "");
    this.calling.seen(event, visitor, this.listing.pages.value.has(visitor));
  }

  private _noticed(event: LogEvent): void {
    this.workspace.heard(event);
    this.people.heard(event);
    if (this.roster.reshaped(event)) this._reload(); // they were changed while nobody was here to be reset
    if (event.type.startsWith("agent.")) return this._colleague(event);
    const id = conversationOf(event);
    if (id && HANDED.has(event.type)) this._handed(id, event);
    const item = id ? this.listing.get(id) : undefined;
    if (item) this.calling.heard(event, item);
  }

  private _handed(id: string, event: LogEvent): void {
    if (event.actor.id !== this.me.agent) {
      this.handed.add(id);
      setTimeout(() => this.handed.delete(id), GLANCE_MS);
    }
    if (this.roster.limited()) void this.listing.fetch(id, event.position ?? 0);
  }

  private _colleague(event: LogEvent): void {
    const before = this.roster.status.value;
    this.roster.heard(event);
    this.status.heard(event, before);
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
