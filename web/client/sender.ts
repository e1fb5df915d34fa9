/**
 * Empties the outbox over the socket: one tab at a time, in order, a bounded number under way.
 * It decides when to send; what may be sent is the queue's rule. It never drops anything without
 * an answer from the server.
 */
import type { Db } from "./db";
import type { World } from "./ports";
import { acked, choose, frame, lane, markSent, refused, waiting, type Entry } from "./queue";
import type { Tabs } from "./tabs";
import type { Ack, ClientFrame, ErrorFrame, Role } from "./types";

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
  first: string;
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
    private readonly _role: Role,
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
    else this._held.set(lane(entry), { until, first: entry.key });
  }

  private async _run(): Promise<void> {
    const actor = this._actor();
    if (!actor || !this._line.online()) return;
    this._running = true;
    try {
      this._news = false;
      if (waiting(await this._db.all<Entry>("outbox"), actor).length === 0) return;
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
      const unsent = await this._sendNext(actor);
      if (this._flying.size === 0 && !(unsent && this._held.size > 0)) return;
      if (!this._news) await this._pause();
      this._checkPatience();
    }
  }

  /** Chosen and marked in one breath: what was answered a moment ago must not be sent again. Tells whether any is left. */
  private async _sendNext(actor: string): Promise<boolean> {
    let rows!: Entry[];
    let next!: Entry[];
    this._news = false;
    await this._db.change<Entry>("outbox", (all) => {
      rows = waiting(all, actor);
      next = choose(rows, this._role, this._flying, this._shut(), WINDOW - this._flying.size);
      return markSent(next);
    });
    const gone = [...this._held.values()].some((held) => !rows.some((row) => row.key === held.first));
    // Another tab has sent it. This socket would want it once more before anything else; a new one does not.
    if (gone) this._line.renew();
    else next.forEach((entry) => this._fly(entry));
    return rows.some((row) => !this._flying.has(row.key));
  }

  /** A held lane opens when its time is over and nothing of it is under way any more. */
  private _shut(): Set<string> {
    const busy = new Set([...this._flying.values()].map((flight) => lane(flight.entry)));
    const now = this._world.now();
    return new Set([...this._held.keys()].filter((name) => busy.has(name) || this._held.get(name)!.until > now));
  }

  private _fly(entry: Entry): void {
    if (this._held.get(lane(entry))?.first === entry.key) this._held.delete(lane(entry));
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
