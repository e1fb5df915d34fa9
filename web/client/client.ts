/**
 * Puts the parts together for one actor: session, connection, outbox, transcripts, tabs. Screens
 * read its signals and call its verbs. It knows nothing of visitors' or agents' own business, and
 * nothing that is drawn.
 */
import { signal } from "@preact/signals-core";
import { Books } from "./books";
import { Connection, type Phase } from "./connection";
import type { Db } from "./db";
import type { FeedState } from "./feed";
import { Outbox } from "./outbox";
import type { World } from "./ports";
import { NOBODY_YET } from "./queue";
import type { Settled } from "./sender";
import { Session, type Output } from "./session";
import type { Tabs } from "./tabs";
import type { Transcript } from "./transcript";
import { Typists } from "./typists";
import type { Ack, ClientFrame, Credentials, ErrorFrame, LogEvent, ResetReason, Role, Signal } from "./types";
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
  /** Whatever the server answered, by the command's id. */
  answered?(id: string, answer: Ack | ErrorFrame): void;
  heard?(note: unknown): void;
  /** What passes by and is not somebody's typing. */
  signalled?(said: Signal): void;
}

const CONVERSATION = "conversation:";

export class Client {
  readonly phase = signal<Phase>("idle");
  readonly actor = signal<string | null>(null);
  readonly typists: Typists;
  readonly books: Books;
  readonly outbox: Outbox;
  private readonly _session = new Session(uuid7);
  private readonly _connection: Connection;

  constructor(
    readonly role: Role,
    db: Db,
    private readonly _world: World,
    tabs: Tabs,
    private readonly _owner: Owner,
  ) {
    this.typists = new Typists(_world);
    this.books = new Books(db, _world, () => this.actor.value ?? NOBODY_YET, this._session);
    this._connection = new Connection(_world, {
      authorise: (stale) => this._authorise(stale),
      hello: (token) => this._session.hello(token),
      frame: (frame) => this._perform(this._session.receive(frame)),
      phase: (phase) => this._entered(phase),
    });
    const line = {
      online: () => this._connection.phase === "online",
      send: (frame: ClientFrame) => this._connection.send(frame),
      renew: () => this._connection.renew(),
    };
    this.outbox = new Outbox(db, _world, tabs, line, {
      role,
      actor: this.actor,
      seen: (conversation) => this._session.offset(CONVERSATION + conversation),
      settled: (settled) => _owner.settled?.(settled),
    });
    tabs.hear((note) => {
      this.outbox.heard(note);
      _owner.heard?.(note);
    });
  }

  start(): void {
    void this.outbox.refresh();
    this._connection.start();
  }

  stop(): void {
    this._connection.stop();
  }

  wake(): void {
    this._connection.wake();
    void this.outbox.refresh();
  }

  renew(): void {
    this._connection.renew();
  }

  /** Whose words these are. A change of person leaves nothing of the last one on screen. */
  async become(actor: string | null): Promise<void> {
    const before = this.actor.value;
    if (before !== null && before !== actor) this._clear();
    this.actor.value = actor;
    if (actor) await this.outbox.adopt(actor);
    await this.outbox.refresh();
  }

  async open(conversation: string, seed?: { view: Transcript; state: FeedState }): Promise<void> {
    if (this.books.get(conversation)) return;
    const state = await this.books.load(conversation, seed);
    if (this._session.offset(CONVERSATION + conversation) === undefined) this.follow(CONVERSATION + conversation, state);
  }

  shut(conversation: string): void {
    this._perform(this._session.unfollow(CONVERSATION + conversation));
    void this.books.flush();
    this.books.close(conversation);
  }

  follow(feed: string, state: FeedState): void {
    this._perform(this._session.follow(feed, state));
  }

  /** What is worth nothing later: said on this socket or not at all. */
  send(frame: ClientFrame): boolean {
    return this._connection.send(frame);
  }

  typing(conversation: string, on: boolean): void {
    this.send({ op: "typing", conversation, on });
  }

  private async _authorise(stale: boolean): Promise<Login> {
    const login = await this._owner.authorise(stale);
    await this.become(login.actor);
    return login;
  }

  private _clear(): void {
    for (const conversation of this.books.open()) this._session.unfollow(CONVERSATION + conversation);
    this.books.closeAll();
    this.outbox.clear();
  }

  private _entered(phase: Phase): void {
    this.phase.value = phase;
    if (phase === "online") return this.outbox.sender.kick();
    this._session.closed();
    this.outbox.sender.disconnected();
    this.typists.clear();
  }

  private _perform(outputs: Output[]): void {
    outputs.forEach((output) => this._act(output));
  }

  private _act(output: Output): void {
    switch (output.kind) {
      case "send": return void this._connection.send(output.frame);
      case "apply": return this._applied(output.feed, output.state, output.events);
      case "forget": return this.books.forget(output.feed.slice(CONVERSATION.length));
      case "reload": return this._owner.reload?.(output.feed, output.reason);
      case "gone": return this._gone(output.feed, output.reason);
      case "retry": return void this._world.after(output.after_ms, () => this._perform(this._session.retry(output.feed)));
      case "answer":
        this._owner.answered?.(output.id, output.answer);
        return void this.outbox.sender.answer(output.id, output.answer);
      case "signal": return this._signalled(output.signal);
      case "goaway": return this._connection.leave(output.after_ms);
    }
  }

  private _applied(feed: string, state: FeedState, events: LogEvent[]): void {
    if (!feed.startsWith(CONVERSATION)) return this._owner.events?.(feed, state, events);
    const conversation = feed.slice(CONVERSATION.length);
    this.books.apply(conversation, state, events);
    this.outbox.shown(conversation, state.offset, events);
    for (const event of events) this.typists.spoke(conversation, event);
    if (events.length > 0) this._owner.news?.(conversation, events);
  }

  private _gone(feed: string, reason: string): void {
    if (feed.startsWith(CONVERSATION)) {
      const conversation = feed.slice(CONVERSATION.length);
      void this.books.drop(conversation);
      this.books.close(conversation);
    }
    this._owner.gone?.(feed, reason);
  }

  protected _signalled(said: Signal): void {
    const own = said.actor?.role === this.role && said.actor.id === this.actor.value;
    if (said.kind !== "typing") this._owner.signalled?.(said);
    else if (!own) this.typists.heard(said);
  }
}
