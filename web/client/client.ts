/**
 * Puts the parts together for one actor: session, connection, outbox, transcripts, tabs. Screens
 * read its signals and call its verbs. It knows nothing of visitors' or agents' own business, and
 * nothing that is drawn.
 */
import { signal } from "@preact/signals-core";
import { Asks } from "./asks";
import { Books } from "./books";
import { Connection, type Phase } from "./connection";
import type { Db } from "./db";
import type { FeedState } from "./feed";
import type { ApiError } from "./http";
import type { World } from "./ports";
import { NOBODY_YET, add, adopted, again, discarded, mine, type Draft, type Entry } from "./queue";
import { Sender, type Settled } from "./sender";
import { Session, type Output } from "./session";
import type { Tabs } from "./tabs";
import type { Landed } from "./thread";
import type { Transcript } from "./transcript";
import { Typists } from "./typists";
import type { Ack, ClientFrame, Credentials, LogEvent, ResetReason, Role, Signal } from "./types";
import { uuid7 } from "./uuid";

export interface Login extends Credentials {
  actor: string;
}

export interface Owner {
  authorise(stale: boolean): Promise<Login>;
  /** Events of a feed that is not a conversation. */
  events?(feed: string, state: FeedState, events: LogEvent[]): void;
  /** New events of a conversation, after they were applied. */
  news?(conversation: string, events: LogEvent[]): void;
  reload?(feed: string, reason: ResetReason): void;
  gone?(feed: string, reason: string): void;
  settled?(settled: Settled): void;
  signal?(signal: Signal): void;
  heard?(note: unknown): void;
}

const CONVERSATION = "conversation:";

export class Client {
  readonly phase = signal<Phase>("idle");
  readonly trouble = signal<ApiError | null>(null);
  readonly actor = signal<string | null>(null);
  readonly pending = signal<Entry[]>([]);
  readonly landed = signal<Landed[]>([]);
  readonly typists: Typists;
  readonly books: Books;
  private readonly session = new Session(() => uuid7());
  private readonly connection: Connection;
  private readonly sender: Sender;
  private readonly asks = new Asks();

  constructor(
    readonly role: Role,
    private readonly db: Db,
    private readonly world: World,
    private readonly tabs: Tabs,
    private readonly owner: Owner,
  ) {
    this.typists = new Typists(world);
    this.books = new Books(db, world, () => this.actor.value ?? NOBODY_YET, () => this.session.epoch);
    this.connection = new Connection(world, {
      authorise: (stale) => this.authorise(stale),
      hello: (token) => this.session.hello(token),
      frame: (frame) => this.perform(this.session.receive(frame)),
      phase: (phase, error) => this.entered(phase, error),
    });
    const line = {
      online: () => this.connection.phase === "online",
      send: (frame: ClientFrame) => this.connection.send(frame),
      renew: () => this.connection.renew(),
    };
    this.sender = new Sender(db, world, tabs, line, () => this.actor.value, (settled) => this.settled(settled));
    tabs.hear((note) => this.heard(note));
  }

  start(): void {
    void this.refresh();
    this.connection.start();
  }

  stop(): void {
    this.connection.stop();
  }

  wake(): void {
    this.connection.wake();
    void this.refresh();
  }

  renew(): void {
    this.connection.renew();
  }

  /** Whose words these are. A change of person leaves nothing of the last one on screen. */
  async become(actor: string | null): Promise<void> {
    const before = this.actor.value;
    if (before !== null && before !== actor) this.clear();
    this.actor.value = actor;
    if (actor) await this.db.change<Entry>("outbox", (rows) => adopted(rows, NOBODY_YET, actor));
    await this.refresh();
  }

  async open(conversation: string, seed?: { view: Transcript; state: FeedState }): Promise<void> {
    if (this.books.get(conversation)) return;
    this.session.epoch ??= await this.books.cachedEpoch(conversation);
    const state = await this.books.load(conversation, seed);
    if (this.session.offset(CONVERSATION + conversation) === undefined) this.follow(CONVERSATION + conversation, state);
  }

  shut(conversation: string): void {
    this.perform(this.session.unfollow(CONVERSATION + conversation));
    void this.books.flush().then(() => this.books.close(conversation));
  }

  follow(feed: string, state: FeedState): void {
    this.perform(this.session.follow(feed, state));
  }

  /** Puts a command into the outbox: on disk first, then on its way, whenever that is. */
  async put(op: string, conversation: string | null, fields: Record<string, unknown>): Promise<string> {
    const at = new Date(this.world.now()).toISOString();
    const actor = this.actor.value ?? NOBODY_YET;
    const draft: Draft = { key: uuid7(), actor, conversation, op, fields, at };
    await this.db.change<Entry>("outbox", (rows) => add(rows, draft));
    await this.changed();
    return draft.key;
  }

  async again(key: string): Promise<void> {
    await this.db.change<Entry>("outbox", (rows) => again(rows, key, uuid7()));
    await this.changed();
  }

  async discard(key: string): Promise<void> {
    await this.db.change<Entry>("outbox", (rows) => discarded(rows, key));
    await this.changed();
  }

  /** A command that is worth nothing later: answered now or not at all. */
  ask(frame: ClientFrame): Promise<Ack> {
    const id = uuid7();
    const answer = this.asks.add(id);
    if (!this.connection.send({ ...frame, id })) this.asks.abandon();
    return answer;
  }

  typing(conversation: string, on: boolean): void {
    this.connection.send({ op: "typing", conversation, on });
  }

  tell(note: unknown): void {
    this.tabs.tell(note);
  }

  async refresh(): Promise<void> {
    const actor = this.actor.value ?? NOBODY_YET;
    const rows = mine(await this.db.all<Entry>("outbox"), actor);
    this.pending.value = rows;
    if (rows.length > 0) this.sender.kick();
  }

  private async changed(): Promise<void> {
    await this.refresh();
    this.tabs.tell({ kind: "outbox" });
  }

  private async authorise(stale: boolean): Promise<Login> {
    const login = await this.owner.authorise(stale);
    await this.become(login.actor);
    return login;
  }

  private clear(): void {
    for (const conversation of this.books.open()) this.session.unfollow(CONVERSATION + conversation);
    this.books.closeAll();
    this.landed.value = [];
    this.pending.value = [];
  }

  private entered(phase: Phase, error?: ApiError): void {
    this.phase.value = phase;
    this.trouble.value = error ?? null;
    if (phase === "online") return this.sender.kick();
    this.session.closed();
    this.sender.disconnected();
    this.typists.clear();
    this.asks.abandon();
  }

  private perform(outputs: Output[]): void {
    for (const output of outputs) this.act(output);
  }

  private act(output: Output): void {
    switch (output.kind) {
      case "send": return void this.connection.send(output.frame);
      case "apply": return this.applied(output.feed, output.state, output.events);
      case "forget": return this.books.forget(output.feed.slice(CONVERSATION.length));
      case "reload": return this.owner.reload?.(output.feed, output.reason);
      case "gone": return this.gone(output.feed, output.reason);
      case "retry": return void this.world.after(output.after_ms, () => this.perform(this.session.retry(output.feed)));
      case "answer":
        if (!this.asks.answer(output.id, output.answer)) void this.sender.answer(output.id, output.answer);
        return;
      case "signal": return this.signalled(output.signal);
      case "goaway": return this.connection.leave(output.after_ms);
    }
  }

  private applied(feed: string, state: FeedState, events: LogEvent[]): void {
    if (!feed.startsWith(CONVERSATION)) return this.owner.events?.(feed, state, events);
    const conversation = feed.slice(CONVERSATION.length);
    this.books.apply(conversation, state, events);
    const seen = new Set(events.map((event) => event.data?.["message"] ?? event.data?.["note"]));
    const here = (one: Landed): boolean => one.entry.conversation === conversation && one.version <= state.offset;
    const landed = this.landed.value.filter((one) => !seen.has(one.entry.key) && !here(one));
    if (landed.length !== this.landed.value.length) this.landed.value = landed;
    for (const event of events) this.typists.spoke(conversation, event);
    if (events.length > 0) this.owner.news?.(conversation, events);
  }

  private gone(feed: string, reason: string): void {
    if (feed.startsWith(CONVERSATION)) {
      const conversation = feed.slice(CONVERSATION.length);
      void this.books.drop(conversation);
      this.books.close(conversation);
    }
    this.owner.gone?.(feed, reason);
  }

  /** Tells the other tabs too: they show this message as sent until it comes by their own feed. */
  private settled({ entry, answer }: Settled): void {
    if (answer.op === "ack") {
      const landed = { entry: { ...entry, conversation: answer.conversation ?? entry.conversation }, version: answer.version ?? 0 };
      this.land(landed);
      this.tabs.tell({ kind: "landed", landed });
    }
    this.owner.settled?.({ entry, answer });
    void this.changed();
  }

  private land(landed: Landed): void {
    const conversation = landed.entry.conversation;
    const offset = conversation === null ? undefined : this.session.offset(CONVERSATION + conversation);
    if (offset !== undefined && offset >= landed.version) return;
    if (landed.entry.actor !== this.actor.value) return;
    this.landed.value = [...this.landed.value, landed];
  }

  private heard(note: unknown): void {
    const said = note as { kind?: string; landed?: Landed };
    if (said.kind === "landed" && said.landed) this.land(said.landed);
    if (said.kind === "outbox" || said.kind === "landed") void this.refresh();
    this.owner.heard?.(note);
  }

  private signalled(said: Signal): void {
    const own = said.actor?.role === this.role && said.actor.id === this.actor.value;
    if (said.kind === "typing" && !own) this.typists.heard(said);
    this.owner.signal?.(said);
  }
}
