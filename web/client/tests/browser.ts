/**
 * The pages of one person in one browser, each a whole client over the disk that all share, and
 * what each of them must have in the end. What happens to them, and when, is the test's business.
 */
import { IDBFactory } from "fake-indexeddb";
import { expect } from "vitest";
import { FakeLog } from "../../dev/fake-log";
import type { Mischief } from "../../dev/fake-socket";
import { until } from "../../dev/fake-time";
import { FakeWorld } from "../../dev/fake-world";
import { Client } from "../client";
import { openDb, type Db } from "../db";
import type { FeedState } from "../feed";
import { Lease, type Tabs } from "../tabs";
import { blank, fold } from "../transcript";
import type { Actor, EventsFrame, LogEvent, ServerFrame } from "../types";

export const VISITOR: Actor = { role: "visitor", id: "v1", name: null };
export const AGENT: Actor = { role: "agent", id: "a1", name: "Anna" };
/** 100 times as long for the client: ten of its longest waits. */
export const PATIENCE_MS = 3_000;

/** Pages of one person over one disk, and the log at the other end. */
export class Browser {
  readonly log = new FakeLog();
  readonly conversation: string;
  readonly tabs: Tab[] = [];
  /** What was written, by the command's id. */
  readonly said = new Map<string, string>();
  readonly acked = new Set<string>();
  /** What a restore took away: of that, what was acked by then is nobody's fault. */
  readonly gone = new Set<unknown>();
  readonly ears = new Map<Tab, (note: unknown) => void>();
  private readonly disk = new IDBFactory();
  private epochs = 1;

  constructor(readonly actor: Actor, readonly random: () => number) {
    this.log.command(VISITOR, { op: "start", id: "s", body: { text: "hello" } });
    this.conversation = [...this.log.items.keys()][0]!;
  }

  /** The same page again, or one more; it knows what lies on the disk and no more. */
  async open(place: number): Promise<void> {
    const tab = new Tab(this, await openDb("p", this.disk));
    this.tabs[place] = tab;
    await tab.start();
  }

  db(): Promise<Db> {
    return openDb("p", this.disk);
  }

  async say(tab: Tab): Promise<void> {
    const text = `m${this.said.size}`;
    this.said.set(await tab.client.outbox.put("post", this.conversation, { body: { text } }), text);
  }

  /** The other side speaks, and does what a visitor is not shown. */
  other(count: number): void {
    const other = this.actor === AGENT ? VISITOR : AGENT;
    for (let i = 0; i < count; i++) {
      const id = `o${this.log.events.length}-${this.random()}`;
      this.log.command(other, { op: "post", id, conversation: this.conversation, body: { text: "theirs" }, note: other === AGENT && i % 2 === 1 });
    }
  }

  restore(back: number): void {
    const position = Math.max(2, this.log.events.length - back);
    for (const event of this.log.events.slice(position)) this.gone.add(event.data?.["message"]);
    this.epochs += 1;
    this.log.restore(position, `epoch-${this.epochs}`);
  }

  pages(): Tab[] {
    return this.tabs.filter(Boolean);
  }

  cutAll(): void {
    this.pages().forEach((tab) => tab.world.cut(1012));
  }
}

/** One page: its own wires, the disk that all share, and what it has applied so far. */
export class Tab {
  readonly world: FakeWorld;
  readonly client: Client;
  deaf = false;
  readonly wrong: string[] = [];
  inbox: LogEvent[] = [];
  private began = 0;
  private readonly reached = new Map<string, number>();

  constructor(private readonly browser: Browser, readonly db: Db) {
    this.world = new FakeWorld(browser.log, () => browser.actor, browser.random);
    this.world.mischief = this.mischief();
    this.client = new Client(browser.actor.role, db, this.world, this.neighbours(), {
      authorise: async () => ({ token: "", ws: "", expires_at: "", actor: browser.actor.id }),
      settled: ({ entry, answer }) => void (answer.op === "ack" && browser.acked.add(entry.key)),
      events: (feed, state, events) => this.listed(feed, state, events),
      reload: () => this.load(),
    });
    this.watch();
  }

  async start(): Promise<void> {
    await this.client.become(this.browser.actor.id);
    if (this.browser.actor === AGENT) this.load();
    await this.client.open(this.browser.conversation);
    this.client.start();
  }

  /** As a desk does: a view of the log as it is now, followed from there. */
  load(): void {
    const { log } = this.browser;
    this.began = log.events.length;
    this.inbox = [];
    this.reached.set("inbox", this.began);
    this.client.follow("inbox", { offset: this.began, mark: log.mark("inbox", this.began) });
  }

  /** Everything that an honest and patient server would have let it have. */
  async check(): Promise<void> {
    const { log, conversation, actor } = this.browser;
    const stream = log.stream(`conversation-${conversation}`);
    const shown = stream.filter((event) => log.visible(event, actor.role));
    await until(PATIENCE_MS, () => {
      expect(this.client.books.get(conversation)!.value).toEqual(fold(blank(conversation), shown.map((event) => log.shown(event, actor.role))));
      expect(this.reached.get(conversation)).toBe(stream.length);
      if (actor === AGENT) expect(this.inbox).toEqual(log.events.slice(this.began));
      expect(this.client.outbox.pending.value).toEqual([]);
      const landed = this.client.outbox.landed.value.filter((one) => !this.browser.gone.has(one.entry.key));
      expect(landed).toEqual([]);
    });
    expect(this.wrong).toEqual([]);
  }

  private listed(feed: string, state: FeedState, events: LogEvent[]): void {
    this.grows(feed, state, events.map((event) => event.position!));
    this.inbox.push(...events);
  }

  private watch(): void {
    const { books } = this.client;
    const [load, apply, forget] = [books.load.bind(books), books.apply.bind(books), books.forget.bind(books)];
    books.load = async (conversation, seed) => {
      const state = await load(conversation, seed);
      this.reached.set(conversation, state.offset);
      return state;
    };
    books.apply = (conversation, state, events) => {
      this.grows(conversation, state, events.map((event) => event.version));
      apply(conversation, state, events);
    };
    books.forget = (conversation) => {
      this.reached.set(conversation, 0);
      forget(conversation);
    };
  }

  /** Offsets only grow, and what comes lies between the last one and this one, in order. */
  private grows(feed: string, { offset }: FeedState, numbers: number[]): void {
    const places = [this.reached.get(feed)!, ...numbers, offset + 1];
    if (places.some((place, i) => i > 0 && place <= places[i - 1]!)) this.wrong.push(`${feed}: ${places.join()}`);
    this.reached.set(feed, offset);
  }

  private neighbours(): Tabs {
    const lease = new Lease(this.db, this.world);
    const { ears } = this.browser;
    return {
      alone: (name, work) => lease.alone(name, work),
      tell: (note) => ears.forEach((ear, tab) => tab !== this && setTimeout(() => ear(note), 1)),
      hear: (ear) => void ears.set(this, ear),
    };
  }

  private mischief(): Mischief {
    const { random } = this.browser;
    return {
      out: (frame) => (this.deaf ? [] : frame.op === "events" ? ranges(this.browser.log, frame, random) : [frame]),
      late: () => Math.floor(random() * 3),
      muteAnswer: () => random() < 0.05,
      busy: () => random() < 0.05,
    };
  }

  /** From now on nothing arrives; a moment later the socket is cut. */
  deafen(): void {
    this.deaf = true;
    setTimeout(() => {
      this.deaf = false;
      this.world.cut();
    }, this.browser.random() * 4);
  }

  /** Nobody answers until the plug is back. */
  unplug(): void {
    this.world.offline = !this.world.offline;
    this.world.cut();
  }

  /** Killed, a page tidies nothing up: not even its turn to send. */
  leave(killed: boolean): void {
    this.browser.ears.delete(this);
    if (killed) this.world.kill();
    else this.client.stop();
  }
}

/** A range as it is, lost, repeated whole or in part, or in two parts that overlap. */
function ranges(log: FakeLog, frame: EventsFrame, random: () => number): ServerFrame[] {
  const stream = frame.feed.replace("conversation:", "conversation-");
  const number = (event: LogEvent): number => (frame.feed === "inbox" ? event.position! : event.version);
  const part = (after: number, upto: number): EventsFrame => ({
    ...frame, after, upto, mark: log.mark(stream, upto), events: frame.events.filter((event) => number(event) > after && number(event) <= upto),
  });
  const middle = Math.floor((frame.after + frame.upto) / 2);
  const way = Math.floor(random() * 8);
  if (way === 0) return [];
  if (way === 1) return [frame, frame];
  if (way > 4 || middle === frame.after) return [frame];
  if (way === 4) return [frame, part(frame.after, middle)];
  return [part(frame.after, middle), way === 2 ? frame : part(middle, frame.upto)];
}
