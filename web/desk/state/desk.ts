/**
 * The signed-in agent's desk: what is in the list, what is open, what may be done. It draws
 * nothing; delivery is the client's business.
 */
import { computed, effect, signal, untracked } from "@preact/signals";
import { Client, type Login } from "../../client/client";
import type { Db } from "../../client/db";
import type { FeedState } from "../../client/feed";
import { ApiError } from "../../client/http";
import { browserWorld } from "../../client/ports";
import type { Settled } from "../../client/sender";
import { browserTabs } from "../../client/tabs";
import { lastVersion, thread, type Item as Line } from "../../client/thread";
import { blank, prepend, type Transcript } from "../../client/transcript";
import type { LogEvent } from "../../client/types";
import { chime, title } from "./alerts";
import { Api, type AgentSession } from "./api";
import { conversationOf, follow, isUnread, merge, paths, select, type Filter, type Item, type Items, type PageView } from "./inbox";
import { prefs } from "./prefs";
import { Roster } from "./roster";
import { Toasts } from "./toasts";

const PAGE = 100;
const PAGES = 5;
/** A conversation longer than this opens at its end; what is earlier is loaded when asked for. */
const TAIL = 300;
const FRESH_MS = 60_000;
const EARLY_MS = 60_000;

export class Desk {
  readonly items = signal<Items>(new Map());
  readonly loaded = signal(false);
  readonly roster: Roster;
  readonly toasts = new Toasts();
  readonly tabs = signal<string[]>([]);
  readonly active = signal<string | null>(null);
  readonly filter = signal<Filter>({ who: "all", status: "open", text: "" });
  readonly pages = signal<ReadonlyMap<string, PageView[]>>(new Map());
  readonly moreClosed = signal<string | null>("first");
  readonly visible = signal(document.visibilityState === "visible");
  readonly drafts = new Map<string, { text: string; note: boolean }>();
  readonly client: Client;
  private readonly marked = new Map<string, number>();
  private readonly ends: (() => void)[] = [];
  private greeted = false;

  constructor(readonly me: AgentSession, readonly api: Api, db: Db, name: string, private readonly out: () => void) {
    this.roster = new Roster(api, me.agent);
    this.client = new Client("agent", db, browserWorld, browserTabs(name, db, browserWorld), {
      authorise: (stale) => this.authorise(stale),
      events: (_feed, state, events) => this.moved(state, events),
      reload: () => this.reload(),
      gone: (feed) => this.gone(feed),
      settled: (settled) => this.settled(settled),
    });
    this.ends.push(effect(() => title(this.unread.value, "Parley")), effect(() => this.markRead()));
  }

  readonly list = computed(() => select(this.items.value, this.filter.value, this.me.agent));

  readonly unread = computed(
    () => [...this.items.value.values()].filter((item) => this.concerns(item) && isUnread(item, this.me.agent)).length,
  );

  /** Whoever has just come through the door is there for visitors; a reload changes nothing. */
  async start(arrived: boolean): Promise<void> {
    await this.client.become(this.me.agent);
    await this.load().catch(() => {});
    this.client.start();
    if (arrived) this.ends.push(effect(() => this.greet()));
  }

  private greet(): void {
    if (this.client.phase.value !== "online" || this.greeted) return;
    this.greeted = true;
    if (untracked(() => this.roster.status.value) === "offline") untracked(() => void this.setStatus("online"));
  }

  stop(): void {
    this.client.stop();
    this.ends.forEach((end) => end());
    title(0, "Parley");
  }

  /** The list as of a position, and from there the feed: nothing can fall between the two. */
  async load(): Promise<void> {
    const first = await this.api.conversations({ status: "open", limit: String(PAGE) });
    this.items.value = merge(new Map(), first.items);
    this.client.follow("inbox", { offset: first.as_of, mark: first.mark });
    this.loaded.value = true;
    this.moreClosed.value = "first";
    if (this.filter.value.status === "closed") void this.loadClosed();
    await this.roster.load();
    for (const id of this.tabs.value) if (!this.items.value.has(id)) void this.fetch(id, 0);
    await this.loadRest(first.next, PAGES);
  }

  private reload(): void {
    this.load().catch(() => browserWorld.after(2_000, () => this.reload()));
  }

  private async loadRest(next: string | null, pages: number): Promise<void> {
    if (!next || pages === 0) return;
    const page = await this.api.conversations({ status: "open", limit: String(PAGE), cursor: next });
    this.items.value = merge(this.items.value, page.items);
    return this.loadRest(page.next, pages - 1);
  }

  async loadClosed(): Promise<void> {
    const cursor = this.moreClosed.value;
    if (cursor === null) return;
    const from = cursor === "first" ? {} : { cursor };
    try {
      const page = await this.api.conversations({ status: "closed", limit: "50", ...from });
      this.items.value = merge(this.items.value, page.items);
      this.moreClosed.value = page.next;
    } catch (error) {
      this.toasts.complain(error);
    }
  }

  /** Takes the filter to where the conversations are, so that a closed list is never just empty. */
  show(change: Partial<Filter>): void {
    this.filter.value = { ...this.filter.value, ...change };
    if (change.status === "closed" && this.moreClosed.value === "first") void this.loadClosed();
  }

  async open(id: string): Promise<void> {
    if (!this.tabs.value.includes(id)) this.tabs.value = [...this.tabs.value, id];
    this.active.value = id;
    const item = this.items.value.get(id);
    await this.client.open(id, item && item.version > TAIL ? tail(item) : undefined);
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
    const landed = this.client.landed.value.filter((one) => here(one.entry));
    return thread(this.transcript(id), this.client.pending.value.filter(here), landed, { role: "agent", id: this.me.agent });
  }

  do(op: string, id: string, fields: Record<string, unknown> = {}): void {
    void this.client.put(op, id, fields).catch((error: unknown) => this.toasts.complain(error));
  }

  async setStatus(status: string): Promise<void> {
    const before = this.roster.status.value;
    this.roster.status.value = status;
    try {
      await this.client.ask({ op: "status", status });
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

  private concerns(item: Item): boolean {
    return item.status === "open" && (item.assignee === null || item.assignee === this.me.agent);
  }

  private async authorise(stale: boolean): Promise<Login> {
    let session = this.me;
    if (stale || Date.parse(session.expires_at) - Date.now() < EARLY_MS) {
      session = await this.api.session().catch((error: unknown) => {
        if ((error as { status?: number }).status === 401) this.out();
        throw error;
      });
      Object.assign(this.me, session);
    }
    if (!this.loaded.value) await this.load();
    return { ...session, actor: session.agent };
  }

  private moved(_state: FeedState, events: LogEvent[]): void {
    const step = follow(this.items.value, events);
    this.items.value = step.items;
    this.pages.value = paths(this.pages.value, events);
    for (const [id, position] of step.unknown) void this.fetch(id, position);
    for (const event of events) this.noticed(event);
  }

  /** The view may be a moment behind the feed, so it is asked for as of the event that named it. */
  private async fetch(id: string, position: number, tries = 5): Promise<void> {
    try {
      this.items.value = merge(this.items.value, [await this.api.conversation(id, position)]);
    } catch (error) {
      const wait = error instanceof ApiError && error.passing && tries > 0;
      if (wait) browserWorld.after(error.retry_after_ms ?? 1_000, () => void this.fetch(id, position, tries - 1));
    }
  }

  private noticed(event: LogEvent): void {
    if (event.type.startsWith("agent.")) return this.roster.heard(event);
    const id = conversationOf(event);
    const item = id ? this.items.value.get(id) : undefined;
    if (!item || event.type !== "message.posted" || event.actor.role !== "visitor") return;
    const watched = this.visible.value && this.active.value === id;
    const old = Date.now() - Date.parse(event.at) > FRESH_MS;
    if (!watched && !old && this.concerns(item) && prefs.value.sound) chime();
  }

  private gone(feed: string): void {
    const id = feed.replace(/^conversation:/, "");
    if (!this.tabs.value.includes(id)) return;
    this.shut(id);
    this.toasts.complain({ code: "gone" });
  }

  private settled({ entry, answer }: Settled): void {
    if (answer.op === "error" && entry.op !== "read" && entry.op !== "post") this.toasts.complain(answer);
  }

  private markRead(): void {
    const id = this.active.value;
    if (!id || !this.visible.value) return;
    const upto = lastVersion(this.transcript(id), "agent");
    const known = this.items.value.get(id)?.reads[this.me.agent] ?? 0;
    if (upto <= Math.max(known, this.marked.get(id) ?? 0)) return;
    this.marked.set(id, upto);
    untracked(() => this.do("read", id, { upto }));
  }
}

/** A long conversation as its item knows it, to be continued from near its end. */
function tail(item: Item): { view: Transcript; state: FeedState } {
  const offset = item.version - TAIL;
  const view: Transcript = {
    ...blank(item.id), status: item.status, tags: item.tags, department: item.department, rating: item.rating,
    agent: item.assignee ? { id: item.assignee, name: item.assignee_name ?? null } : null,
    reads: { visitor: item.visitor_read, agent: Math.max(0, ...Object.values(item.reads)), by: item.reads },
    trimmed: offset,
  };
  return { view, state: { offset } };
}
