/**
 * The list as it stands: loaded as of a position, moved on by the inbox feed from there, narrowed
 * to what the agent wants to see. What an event does to an item is the inbox's rule; what is open
 * is the desk's business.
 */
import { computed, signal } from "@preact/signals";
import type { FeedState } from "../../client/feed";
import { ApiError } from "../../client/http";
import { browserWorld } from "../../client/ports";
import { blank, type Transcript } from "../../client/transcript";
import type { LogEvent } from "../../client/types";
import type { Api } from "./api";
import type { Entry } from "../../client/queue";
import { remembered, type Remembered } from "../../staff/remembered";
import { expected } from "./expected";
import { FRESH, counts, select, serving, type Filter } from "./filter";
import { follow, isUnread, merge, paths, seen, type Item, type Items, type PageView } from "./inbox";

const PAGE = 100;
/** So many pages of open conversations are kept at hand: beyond them search leads. */
const PAGES = 30;
const PAST_PAGE = 50;
const REST_MS = 2_000;
/** A conversation longer than this opens at its end; what is earlier is loaded when asked for. */
export const TAIL = 300;

interface Seed {
  view: Transcript;
  state: FeedState;
}

/** What is not open is loaded when it is asked for: where to go on, `first` before that, null at the end. */
type Past = Record<"closed" | "erased", string | null>;

const UNREAD_PAST: Past = { closed: "first", erased: "first" };

export class Listing {
  readonly items = signal<Items>(new Map());
  readonly loaded = signal(false);
  /** What this agent has done and the server does not have yet. */
  readonly pending = signal<Entry[]>([]);
  readonly text = signal("");
  readonly pages = signal<ReadonlyMap<string, PageView[]>>(new Map());
  private readonly _past = signal(UNREAD_PAST);
  private readonly _kept: Remembered<Omit<Filter, "text">>;

  constructor(
    private readonly _api: Api,
    private readonly _me: string,
    private readonly _complain: (error: unknown) => void,
  ) {
    const { text: _text, ...fresh } = FRESH;
    this._kept = remembered(`parley-desk-filter:${_me}`, fresh);
  }

  readonly filter = computed((): Filter => ({ ...this._kept.value.value, text: this.text.value }));
  /** The conversations as they will be, which is how this agent has left them. */
  readonly current = computed(() => expected(this.items.value, this.pending.value, this._me));
  readonly shown = computed(() => select(this.current.value, this.filter.value, this._me));
  /** The open conversations by their visitors. */
  readonly talking = computed(() => new Map([...this.current.value.values()].filter(({ status }) => status === "open").map((item) => [item.visitor, item])));
  /** How many conversations one serves oneself, with what one has just done. */
  readonly serving = computed(() => serving(this.current.value, this._me));
  readonly counts = computed(() => counts(this.current.value, this._me));

  readonly unread = computed(
    () => [...this.items.value.values()].filter((item) => this.concerns(item) && isUnread(item, this._me)).length,
  );

  /** Whether more of what is shown can be loaded. */
  readonly more = computed(() => {
    const { status, who } = this.filter.value;
    return who !== "missed" && status !== "open" && this._past.value[status] !== null;
  });

  get(id: string): Item | undefined {
    return this.current.value.get(id);
  }

  /** What to open a long conversation with; a short one is read from its beginning. */
  seed(id: string): Seed | undefined {
    const item = this.get(id);
    return item && item.version > TAIL ? tail(item) : undefined;
  }

  /** Waits for this agent, or for anyone. */
  concerns(item: Item): boolean {
    return item.status === "open" && (item.assignee === null || item.assignee === this._me);
  }

  /** The first page, and where the feed goes on from: nothing can fall between the two. */
  async load(): Promise<{ state: FeedState; rest: string | null }> {
    const first = await this._api.conversations({ status: "open", limit: String(PAGE) });
    this.items.value = merge(new Map(), first.items);
    this._past.value = UNREAD_PAST;
    this.loaded.value = true;
    if (this.filter.value.status !== "open") void this.loadMore();
    return { state: { offset: first.as_of, mark: first.mark }, rest: first.next };
  }

  /** What does not come now is asked for again: the list may not stay without it. */
  async loadRest(next: string | null, pages = PAGES): Promise<void> {
    if (!next || pages === 0) return;
    const query = { status: "open", limit: String(PAGE), cursor: next };
    const page = await this._api.conversations(query).catch((error: unknown) => {
      if (error instanceof ApiError && error.passing) browserWorld.after(REST_MS, () => void this.loadRest(next, pages));
      else this._complain(error);
    });
    if (!page) return;
    this.items.value = merge(this.items.value, page.items);
    return this.loadRest(page.next, pages - 1);
  }

  /** Those that were missed and are closed already stand out as well. */
  async loadMissed(): Promise<void> {
    const page = await this._api.conversations({ missed: "true", limit: String(PAGE) }).catch(() => null);
    if (page) this.items.value = merge(this.items.value, page.items.filter((item) => item.missed));
  }

  async loadMore(): Promise<void> {
    const { status } = this.filter.value;
    const cursor = status === "open" ? null : this._past.value[status];
    if (cursor === null) return;
    const from = cursor === "first" ? {} : { cursor };
    try {
      const page = await this._api.conversations({ status, limit: String(PAST_PAGE), ...from });
      this.items.value = merge(this.items.value, page.items);
      this._past.value = { ...this._past.value, [status]: page.next };
    } catch (error) {
      this._complain(error);
    }
  }

  /** Signals tell of the visitors of what is open; of the others it is asked now and then. */
  async refresh(): Promise<void> {
    const page = await this._api.conversations({ status: "open", limit: String(PAGE) }).catch(() => null);
    this.seen(new Map(page?.items.map((item) => [item.visitor, item.visitor_online])));
  }

  seen(visitors: ReadonlyMap<string, boolean>): void {
    this.items.value = seen(this.items.value, visitors);
  }

  /** Takes the filter to where the conversations are, so that a list of the past is never just empty. */
  show({ text, ...change }: Partial<Filter>): void {
    if (text !== undefined) this.text.value = text;
    if (Object.keys(change).length > 0) this._kept.change(change);
    const { status } = change;
    if (status && status !== "open" && this._past.value[status] === "first") void this.loadMore();
  }

  /** Those of one visitor that lie before: the server's answer, which the list takes in too. */
  async earlier(visitor: string): Promise<Item[]> {
    const page = await this._api.conversations({ visitor, limit: String(PAST_PAGE) });
    this.items.value = merge(this.items.value, page.items);
    return page.items;
  }

  moved(events: LogEvent[]): void {
    const step = follow(this.items.value, events);
    this.items.value = step.items;
    this.pages.value = paths(this.pages.value, events);
    for (const [id, position] of step.unknown) void this.fetch(id, position);
  }

  /** The view may be a moment behind the feed, so it is asked for as of the event that named it. */
  async fetch(id: string, position: number, tries = 5): Promise<void> {
    try {
      this.items.value = merge(this.items.value, [await this._api.conversation(id, position)]);
    } catch (error) {
      const wait = error instanceof ApiError && error.passing && tries > 0;
      if (wait) browserWorld.after(error.retry_after_ms ?? 1_000, () => void this.fetch(id, position, tries - 1));
      else if (error instanceof ApiError && !error.passing) this.drop(id);
    }
  }

  /** It may not be read any more, so its last words may not stay in the list either. */
  drop(id: string): void {
    const items = new Map(this.items.value);
    if (items.delete(id)) this.items.value = items;
  }
}

/** A long conversation as its item knows it, to be continued from near its end. */
function tail(item: Item): Seed {
  const offset = item.version - TAIL;
  const view: Transcript = {
    ...blank(item.id), status: item.status, tags: item.tags, department: item.department, rating: item.rating,
    agent: item.assignee ? { id: item.assignee, name: item.assignee_name ?? null } : null,
    reads: { visitor: item.visitor_read, agent: Math.max(0, ...Object.values(item.reads)), by: item.reads },
    trimmed: offset,
  };
  return { view, state: { offset } };
}
