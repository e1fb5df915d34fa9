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
const DEFAULT_RETRY_MS = 1_000;

export class Sender {
  private readonly flying = new Map<string, { entry: Entry; since: number }>();
  private readonly held = new Map<string, Held>();
  private running = false;
  private news = false;
  private wakeLoop: () => void = () => {};

  constructor(
    private readonly db: Db,
    private readonly world: World,
    private readonly tabs: Tabs,
    private readonly line: Line,
    private readonly actor: () => string | null,
    private readonly settled: (settled: Settled) => void,
  ) {}

  /** Something to send may be there, or the line came back. */
  kick(): void {
    this.news = true;
    this.wakeLoop();
    if (!this.running) void this.run();
  }

  /** The socket is gone: what was under way is simply unsent again, and no lane is held. */
  disconnected(): void {
    this.flying.clear();
    this.held.clear();
    this.wakeLoop();
  }

  async answer(id: string, answer: Ack | ErrorFrame): Promise<boolean> {
    const flight = this.flying.get(id);
    if (!flight) return false;
    if (answer.op === "error" && answer.retry_after_ms !== undefined) {
      this.holdBack(flight.entry, answer);
    } else {
      const decide = answer.op === "ack" ? acked : refused;
      await this.db.change<Entry>("outbox", (rows) => decide(rows, answer as never));
      this.settled({ entry: flight.entry, answer });
    }
    this.flying.delete(id);
    this.kick();
    return true;
  }

  private holdBack(entry: Entry, error: ErrorFrame): void {
    const until = this.world.now() + (error.retry_after_ms ?? DEFAULT_RETRY_MS);
    const known = this.held.get(lane(entry));
    if (known) known.until = Math.max(known.until, until);
    else this.held.set(lane(entry), { until, first: entry });
  }

  private async run(): Promise<void> {
    const actor = this.actor();
    if (!actor || !this.line.online()) return;
    this.running = true;
    try {
      if ((await this.waiting(actor)).length === 0) return;
      await this.tabs.alone(`send:${actor}`, (still) => this.drain(actor, still));
    } catch {
      // The lock was taken over, or the store failed: the next kick starts again from the store.
    } finally {
      this.running = false;
      if (this.news && this.line.online()) this.world.after(0, () => this.kick());
    }
  }

  private async drain(actor: string, still: () => boolean): Promise<void> {
    while (still() && this.line.online() && this.actor() === actor) {
      this.news = false;
      const rows = await this.waiting(actor);
      await this.sendNext(rows);
      const unsent = rows.some((row) => !row.refused && !this.flying.has(row.key));
      if (this.flying.size === 0 && !(unsent && this.held.size > 0)) return;
      if (!this.news) await this.pause();
      this.checkPatience();
    }
  }

  private async waiting(actor: string): Promise<Entry[]> {
    this.news = false;
    return mine(await this.db.all<Entry>("outbox"), actor).filter((row) => !row.refused);
  }

  private async sendNext(rows: Entry[]): Promise<void> {
    const ready = this.openLanes();
    const shut = new Set([...this.held.keys()].filter((name) => !ready.has(name)));
    const next = choose(rows, new Set(this.flying.keys()), shut, WINDOW - this.flying.size);
    if (next.length === 0) return;
    const keys = new Set(next.map((entry) => entry.key));
    await this.db.change<Entry>("outbox", (all) => markSent(all, keys));
    for (const entry of next) this.launch(entry, ready);
  }

  /** A held lane opens when its time is over and nothing of it is under way any more. */
  private openLanes(): Set<string> {
    const busy = new Set([...this.flying.values()].map((flight) => lane(flight.entry)));
    const now = this.world.now();
    return new Set([...this.held].filter(([name, held]) => held.until <= now && !busy.has(name)).map(([name]) => name));
  }

  private launch(entry: Entry, ready: Set<string>): void {
    const name = lane(entry);
    const held = this.held.get(name);
    if (held && ready.has(name)) {
      this.held.delete(name);
      // Another tab may have sent the first refused one for us; this socket still owes it.
      if (held.first.key !== entry.key) this.fly(held.first);
    }
    this.fly(entry);
  }

  private fly(entry: Entry): void {
    this.flying.set(entry.key, { entry, since: this.world.now() });
    if (!this.line.send(frame(entry))) this.flying.delete(entry.key);
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.world.after(this.patience(), () => resolve());
      this.wakeLoop = () => {
        cancel();
        resolve();
      };
    });
  }

  private patience(): number {
    const now = this.world.now();
    const times = [...this.held.values()].map((held) => held.until - now);
    return Math.max(10, Math.min(ANSWER_MS / 3, ...times));
  }

  private checkPatience(): void {
    const now = this.world.now();
    const late = [...this.flying.values()].some((flight) => now - flight.since > ANSWER_MS);
    if (late) this.line.renew();
  }
}
