/**
 * The visitor's own business on top of the client: who this browser is, which conversation is
 * theirs, and that words written as A go out as A even when the page now says B.
 */
import { signal } from "@preact/signals-core";
import { Accounts, type Account } from "./accounts";
import { Client, type Login } from "./client";
import { Couriers } from "./couriers";
import type { Db } from "./db";
import { Door, type Entrance, type Identity, type VisitorConfig } from "./door";
import { abandoned } from "./parcels";
import type { World } from "./ports";
import { inherited, orphaned, type Entry } from "./queue";
import type { Settled } from "./sender";
import type { Tabs } from "./tabs";
import type { Body, Greeting, Introduction, Invitation, LogEvent, Opening, Queue, Signal } from "./types";
import { uuid7 } from "./uuid";

const EARLY_MS = 60_000;
/** A session is good for so long, whatever a clock says that is not the server's. */
const FRESH_MS = 10 * 60_000;

export class Visitor {
  readonly conversation = signal<string | null>(null);
  readonly name = signal("");
  /** Somebody here asked whether the visitor wants to talk, and has no answer yet. */
  readonly invitation = signal<Invitation | null>(null);
  /** Where one stands in the queue, as last said. */
  readonly queue = signal<Queue | null>(null);
  readonly client: Client;
  private _login: Login | null = null;
  /** When that was bought, by this browser's clock. */
  private _since = 0;
  private _identity: Identity | undefined;
  /** Counts the changes of person: what was begun for one may not end for the next. */
  private _person = 0;
  private readonly _door: Door;
  private readonly _accounts: Accounts;
  private readonly _couriers: Couriers;

  constructor(
    private readonly _config: VisitorConfig,
    private readonly _db: Db,
    private readonly _world: World,
    private readonly _tabs: Tabs,
  ) {
    this._door = new Door(_config);
    this._accounts = new Accounts(_db);
    this._couriers = new Couriers(_db, _world, _tabs, this._accounts, (resume) => this._door.buy({ resume, page: undefined }));
    this.client = new Client("visitor", _db, _world, _tabs, {
      authorise: (stale) => this._authorise(stale),
      news: (_conversation, events) => this._news(events),
      gone: (feed) => this._lost(feed),
      settled: (settled) => this._settled(settled),
      heard: (note) => this._heard(note),
      signalled: (said) => this._signalled(said),
    });
  }

  /** Shows what is kept at once; the session follows. */
  async start(identity?: Identity): Promise<void> {
    this._identity = identity;
    const account = await this._accounts.current();
    if (account && (!identity || account.user === identity.user)) {
      await this.client.become(account.visitor);
      await this._enter(account.conversation);
    }
    this.client.start();
  }

  /** The page says who its user is; the same user again changes nothing, nor what is being exchanged already. */
  async identify(identity: Identity): Promise<void> {
    const account = await this._accounts.current();
    if (account?.user === identity.user || identity.nonce === this._identity?.nonce) return;
    this._anew(identity);
  }

  /** The page's user has left: the next words are a stranger's. */
  async signOut(): Promise<void> {
    const leaving = this.client.actor.value;
    this._person++;
    this._identity = undefined;
    this._login = null;
    this.conversation.value = null;
    await this._accounts.leave();
    await this.client.become(null);
    this.client.renew();
    this._tabs.tell({ kind: "person" });
    if (leaving) await this._forget(leaving);
  }

  /** Others may sit here next: what was said goes, and the secret too unless unsent words need it. */
  private async _forget(visitor: string): Promise<void> {
    await this.client.books.dropAll(visitor);
    const rows = await this._db.all<Entry>("outbox");
    const account = await this._accounts.of(visitor);
    if (!account || rows.some((row) => row.actor === visitor)) return;
    await this._accounts.forget(account);
    await this._door.close(account.resume).catch(() => {});
  }

  /** `opening`: what is said besides, if this begins a conversation, as accepting an invitation does. */
  say(body: Body, opening: Opening = {}): Promise<string> {
    const conversation = opening.invitation ? null : this.conversation.value;
    return this.client.outbox.put("post", conversation, { body }, { opening: this.opening(opening) });
  }

  /** With the page that this one is on. */
  opening(said: Opening): Record<string, unknown> {
    return { page: this._config.page(), ...said };
  }

  /** What is true of the visitor, whether there is a conversation or not. */
  tell(op: "introduce" | "greeted", fields: Introduction | Greeting): Promise<string> {
    return this.client.outbox.put(op, null, { ...fields });
  }

  /** Anything else than words, where there is a conversation to do it in. */
  do(op: "rate" | "read" | "delivered" | "close", fields: Record<string, unknown>): void {
    const id = this.conversation.value;
    if (id) void this.client.outbox.put(op, id, fields);
  }

  /** A reading by HTTP, beside the socket. */
  pull<T>(path: string): Promise<T> {
    return this._door.pull(path, this._login?.token ?? "");
  }

  /** For what goes beside the socket; `stale`: the last one was turned down. */
  async token(stale: boolean): Promise<string> {
    return (await this._authorise(stale)).token;
  }

  viewed(): void {
    this.client.send({ op: "page", id: uuid7(), page: this._config.page() });
  }

  private async _authorise(stale: boolean): Promise<Login> {
    const known = this._login;
    const now = this._world.now();
    if (known && !stale && (now - this._since < FRESH_MS || Date.parse(known.expires_at) - now > EARLY_MS)) return known;
    const person = this._person;
    const identity = this._identity;
    let answer!: Entrance;
    // One tab at a time, lest those that come together for the first time be as many visitors.
    await this._tabs.alone("door", async () => {
      const account = await this._accounts.current();
      answer = await this._door.enter(account, identity);
      this._still(person);
      await this._keep(answer, account);
    });
    this._still(person);
    this._login = answer;
    this._since = this._world.now();
    if (this.client.actor.value !== answer.visitor) this.conversation.value = null;
    await this.client.become(answer.visitor);
    this.name.value = answer.settings?.name ?? "";
    this.invitation.value = answer.invitation ?? null;
    await this._enter(answer.conversation?.id ?? null);
    this._still(person);
    void this._couriers.send(answer.visitor);
    return answer;
  }

  private _still(person: number): void {
    if (person !== this._person) throw new Error("left");
  }

  private async _keep(answer: Entrance, before: Account | undefined): Promise<void> {
    const { visitor, resume, user } = answer;
    await this._accounts.enter({ visitor, resume, user, conversation: answer.conversation?.id ?? null });
    if (before?.visitor === visitor) return;
    if (before) {
      // A user is another person than any other: files on their way are not left lying for the next one.
      const rule = before.user ? abandoned : user ? inherited : orphaned;
      await this._db.change<Entry>("outbox", (rows) => rule(rows, before.visitor, visitor));
    }
    this._tabs.tell({ kind: "person" });
  }

  private async _enter(conversation: string | null): Promise<void> {
    if (conversation === null && this.client.outbox.pending.value.some((entry) => entry.op === "start")) return;
    const person = this._person;
    if (conversation) await this.client.open(conversation);
    if (person === this._person) this.conversation.value = conversation;
  }

  private async _opened(conversation: string): Promise<void> {
    this.invitation.value = null;
    if (this.conversation.value === conversation) return;
    await this._enter(conversation);
    await this._accounts.placed(this.client.actor.value ?? "", conversation);
  }

  private _settled({ entry, answer }: Settled): void {
    if (entry.op !== "start" || answer.op !== "ack" || !answer.conversation) return;
    void this._opened(answer.conversation);
    this._tabs.tell({ kind: "conversation", actor: entry.actor, id: answer.conversation });
  }

  /** After an erasure this browser's secret opens nothing: whoever goes on writing is somebody new. */
  private _news(events: LogEvent[]): void {
    if (!events.some((event) => event.type === "conversation.erased")) return;
    this._anew(this._identity);
  }

  private _lost(feed: string): void {
    if (feed === `conversation:${this.conversation.value}`) this.conversation.value = null;
  }

  private _signalled(said: Signal): void {
    if (said.kind === "queue") this.queue.value = said as unknown as Queue;
    if (said.kind === "invited") this.invitation.value = said as unknown as Invitation;
    // In another page of the visitor's.
    if (said.kind === "opened" && said.conversation) void this._opened(said.conversation);
  }

  private _heard(note: unknown): void {
    const said = note as { kind?: string; actor?: string; id?: string };
    if (said.kind === "conversation" && said.id && said.actor === this.client.actor.value) void this._opened(said.id);
    if (said.kind === "person") void this._personChanged();
  }

  private async _personChanged(): Promise<void> {
    const account = await this._accounts.current();
    if (account?.visitor === this.client.actor.value) return;
    this._anew(undefined);
  }

  /** Through the door once more, as whoever it then says. */
  private _anew(identity: Identity | undefined): void {
    this._person++;
    this._identity = identity;
    this._login = null;
    this.client.renew();
  }
}
