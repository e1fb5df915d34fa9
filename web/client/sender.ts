/**
 * Empties the outbox over the socket: one tab at a time, in order, a bounded number under way.
 * It decides when to send; what may be sent is the queue's rule. It never drops anything without
 * an answer from the server.
 */
import type { Db } from "./db";
import type { World } from "./ports";
import { acked, choose, frame, lane, markSent, mine, refused, type Entry } from "./queue";
import type { Tabs } from "./tabs";
import type { Ack, ClientFrame, ErrorFrame } from "./types";

export interface Line {
  online(): boolean;
  send(frame: ClientFrame): boolean;
  /** No answer came in time: this socket is not to be trusted. */
  renew(): void;
}

export interface Settled {
  entry: Entry;
  answer: Ack | ErrorFrame;
}

/** A lane that the server asked us to hold; it opens when `first` is sent again. */
interface Held {
  until: number;
  first: Entry;
}

export const WINDOW = 16;
const ANSWER_MS = 30_000;

export class Sender {
  private readonly _flying = new Map<string, { entry: Entry; since: number }>();
  private readonly _held = new Map<string, Held>();
  private _running = false;
  private _news = false;
  private _wakeLoop: () => void = () => {};

  constructor(
    private readonly _db: Db,
    private readonly _world: World,
    private readonly _tabs: Tabs,
    private readonly _line: Line,
    private readonly _actor: () => string | null,
    private readonly _settled: (settled: Settled) => void,
  ) {}

  /** Something to send may be there, or the line came back. */
  kick(): void {
    this._news = true;
    this._wakeLoop();
    if (!this._running) void this._run();
  }

  /** The socket is gone: what was under way is simply unsent again, and no lane is held. */
  disconnected(): void {
    this._flying.clear();
    this._held.clear();
    this._wakeLoop();
  }

  async answer(id: string, answer: Ack | ErrorFrame): Promise<void> {
    const flight = this._flying.get(id);
    if (!flight) return;
    if (answer.op === "error" && answer.retry_after_ms !== undefined) {
      this._holdBack(flight.entry, answer.retry_after_ms);
    } else {
      const decide = answer.op === "ack" ? acked : refused;
      await this._db.change<Entry>("outbox", (rows) => decide(rows, answer as never));
      this._settled({ entry: flight.entry, answer });
    }
    this._flying.delete(id);
    this.kick();
  }

  private _holdBack(entry: Entry, after_ms: number): void {
    const until = this._world.now() + after_ms;
    const known = this._held.get(lane(entry));
    if (known) known.until = Math.max(known.until, until);
    else this._held.set(lane(entry), { until, first: entry });
  }

  private async _run(): Promise<void> {
    const actor = this._actor();
    if (!actor || !this._line.online()) return;
    this._running = true;
    try {
      if ((await this._waiting(actor)).length === 0) return;
      await this._tabs.alone(`send:${actor}`, (still) => this._drain(actor, still));
    } catch {
      // The lock was taken over, or the store failed: the next kick starts again from the store.
    } finally {
      this._running = false;
      if (this._news && this._line.online()) this._world.after(0, () => this.kick());
    }
  }

  private async _drain(actor: string, still: () => boolean): Promise<void> {
    while (still() && this._line.online() && this._actor() === actor) {
      this._news = false;
      const rows = await this._waiting(actor);
      await this._sendNext(rows);
      const unsent = rows.some((row) => !row.refused && !this._flying.has(row.key));
      if (this._flying.size === 0 && !(unsent && this._held.size > 0)) return;
      if (!this._news) await this._pause();
      this._checkPatience();
    }
  }

  private async _waiting(actor: string): Promise<Entry[]> {
    this._news = false;
    return mine(await this._db.all<Entry>("outbox"), actor).filter((row) => !row.refused);
  }

  private async _sendNext(rows: Entry[]): Promise<void> {
    const ready = this._openLanes();
    const shut = new Set([...this._held.keys()].filter((name) => !ready.has(name)));
    const next = choose(rows, new Set(this._flying.keys()), shut, WINDOW - this._flying.size);
    if (next.length === 0) return;
    const keys = new Set(next.map((entry) => entry.key));
    await this._db.change<Entry>("outbox", (all) => markSent(all, keys));
    for (const entry of next) this._launch(entry, ready);
  }

  /** A held lane opens when its time is over and nothing of it is under way any more. */
  private _openLanes(): Set<string> {
    const busy = new Set([...this._flying.values()].map((flight) => lane(flight.entry)));
    const now = this._world.now();
    return new Set([...this._held].filter(([name, held]) => held.until <= now && !busy.has(name)).map(([name]) => name));
  }

  private _launch(entry: Entry, ready: Set<string>): void {
    const name = lane(entry);
    const held = this._held.get(name);
    if (held && ready.has(name)) {
      this._held.delete(name);
      // Another tab may have sent the first refused one for us; this socket still owes it.
      if (held.first.key !== entry.key) this._fly(held.first);
    }
    this._fly(entry);
  }

  private _fly(entry: Entry): void {
    this._flying.set(entry.key, { entry, since: this._world.now() });
    if (!this._line.send(frame(entry))) this._flying.delete(entry.key);
  }

  private _pause(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this._world.after(this._patience(), () => resolve());
      this._wakeLoop = () => {
        cancel();
        resolve();
      };
    });
  }

  private _patience(): number {
    const now = this._world.now();
    const times = [...this._held.values()].map((held) => held.until - now);
    return Math.max(10, Math.min(ANSWER_MS / 3, ...times));
  }

  private _checkPatience(): void {
    const now = this._world.now();
    const late = [...this._flying.values()].some((flight) => now - flight.since > ANSWER_MS);
    if (late) this._line.renew();
  }
}
