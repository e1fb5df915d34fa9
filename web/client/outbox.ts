/**
 * What one actor has written and the server does not have yet, or has but the feed does not show
 * yet. It keeps words on disk and on screen until they are seen; when they are sent is the
 * sender's business, what may be done with them the queue's.
 */
import { signal, type ReadonlySignal } from "@preact/signals-core";
import type { Change, Db } from "./db";
import type { World } from "./ports";
import { NOBODY_YET, add, adopted, again, discarded, isMessage, mine, type Draft, type Entry } from "./queue";
import { Sender, type Line, type Settled } from "./sender";
import type { Tabs } from "./tabs";
import type { Landed } from "./thread";
import type { LogEvent, Role } from "./types";
import { uuid7 } from "./uuid";

export interface Surroundings {
  role: Role;
  actor: ReadonlySignal<string | null>;
  /** How far a conversation was seen here; undefined when it is not followed. */
  seen(conversation: string): number | undefined;
  settled(settled: Settled): void;
}

export class Outbox {
  /** Not acked: on their way, or refused. */
  readonly pending = signal<Entry[]>([]);
  /** Acked, not yet come by the feed. */
  readonly landed = signal<Landed[]>([]);
  /** How much of a file on its way up is there, from 0 to 1, by its message's key. */
  readonly progress = signal<Readonly<Record<string, number>>>({});
  readonly sender: Sender;

  constructor(
    private readonly _db: Db,
    private readonly _world: World,
    private readonly _tabs: Tabs,
    line: Line,
    private readonly _around: Surroundings,
  ) {
    this.sender = new Sender(_db, _world, _tabs, line, _around.role, () => _around.actor.value, (settled) => this._settled(settled));
  }

  /** On disk first, then on its way, whenever that is. */
  async put(op: string, conversation: string | null, fields: Record<string, unknown>, beside: Partial<Pick<Draft, "key" | "opening" | "shown" | "awaits">> = {}): Promise<string> {
    const at = new Date(this._world.now()).toISOString();
    const draft: Draft = { key: uuid7(), actor: this._owner(), conversation, op, fields, at, ...beside };
    await this.change((rows) => add(rows, draft));
    return draft.key;
  }

  async find(key: string): Promise<Entry | undefined> {
    return this._db.get<Entry>("outbox", key);
  }

  again(key: string): Promise<void> {
    return this.change((rows) => again(rows, key, uuid7()));
  }

  discard(key: string): Promise<void> {
    return this.change((rows) => discarded(rows, key));
  }

  /** By a rule of the queue's; every tab looks again. */
  async change(decide: (rows: Entry[]) => Change<Entry>[]): Promise<void> {
    await this._db.change("outbox", decide);
    await this.refresh();
    this._tabs.tell({ kind: "outbox" });
  }

  /** The words of nobody yet are this actor's. */
  adopt(actor: string): Promise<void> {
    return this._db.change<Entry>("outbox", (rows) => adopted(rows, NOBODY_YET, actor));
  }

  async refresh(): Promise<void> {
    const actor = this._owner();
    const rows = mine(await this._db.all<Entry>("outbox"), actor);
    this.pending.value = rows;
    this._done(rows);
    if (rows.length > 0) this.sender.kick();
  }

  clear(): void {
    this.landed.value = [];
    this.pending.value = [];
  }

  /** What the feed has shown need not be shown by us. */
  shown(conversation: string, offset: number, events: LogEvent[]): void {
    const seen = new Set(events.map((event) => event.data?.["message"] ?? event.data?.["note"]));
    const here = (one: Landed): boolean => one.entry.conversation === conversation && one.version <= offset;
    const landed = this.landed.value.filter((one) => !seen.has(one.entry.key) && !here(one));
    if (landed.length !== this.landed.value.length) this.landed.value = landed;
  }

  /** What another tab did with the words of us all. */
  heard(note: unknown): void {
    const said = note as { kind?: string; landed?: Landed; key?: string; part?: number };
    if (said.landed) this._land(said.landed);
    if (said.kind === "progress") this._progress(said.key!, said.part!);
    if (said.kind === "outbox") void this.refresh();
  }

  /** More of a file is there; the other tabs are told each percent, and no more. */
  progressed(key: string, part: number): void {
    const before = this.progress.peek()[key] ?? -1;
    this._progress(key, part);
    if (Math.floor(100 * part) > Math.floor(100 * before)) this._tabs.tell({ kind: "progress", key, part });
  }

  private _progress(key: string, part: number): void {
    this.progress.value = { ...this.progress.peek(), [key]: part };
  }

  /** Of what is not on its way any more nothing is remembered. */
  private _done(rows: Entry[]): void {
    const before = Object.entries(this.progress.peek());
    const left = before.filter(([key]) => rows.some((row) => row.key === key && row.awaits));
    if (left.length < before.length) this.progress.value = Object.fromEntries(left);
  }

  private _owner(): string {
    return this._around.actor.value ?? NOBODY_YET;
  }

  /** Tells the other tabs too: they show this message as sent until it comes by their own feed. */
  private _settled({ entry, answer }: Settled): void {
    const landed = answer.op === "ack" && isMessage(entry) && {
      entry: { ...entry, conversation: answer.conversation ?? entry.conversation }, version: answer.version ?? 0,
    };
    if (landed) this._land(landed);
    this._around.settled({ entry, answer });
    void this.refresh();
    this._tabs.tell({ kind: "outbox", landed });
  }

  private _land(landed: Landed): void {
    const { conversation, actor } = landed.entry;
    const offset = conversation === null ? undefined : this._around.seen(conversation);
    if (offset !== undefined && offset >= landed.version) return;
    if (actor === this._around.actor.value) this.landed.value = [...this.landed.value, landed];
  }
}
