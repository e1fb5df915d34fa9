/**
 * Keeps one socket alive: connects, says hello, notices death and sleep, comes back.
 * It moves frames and knows their order of arrival only; what a frame means is the session's
 * business, and what to send is the sender's.
 */
import { ApiError } from "./http";
import { TICK_MS, backoff, examine, type Pulse } from "./pace";
import type { Wire, World } from "./ports";
import type { ClientFrame, Credentials, Hello, ServerFrame } from "./types";

export type Phase = "idle" | "connecting" | "online" | "waiting" | "refused";

export interface Handlers {
  /** Buys a token; `stale` when the last one was turned down. */
  authorise(stale: boolean): Promise<Credentials>;
  hello(token: string): Hello;
  frame(frame: ServerFrame): void;
  phase(phase: Phase, error?: ApiError): void;
}

const WELCOME_MS = 10_000;
/** A connection that stood this long was a good one: the next failure starts the count anew. */
const STABLE_MS = 10_000;
const REFUSED_MS = 60_000;
const CROWDED_MS = 3_000;

export class Connection {
  phase: Phase = "idle";
  private wire: Wire | null = null;
  private generation = 0;
  private attempt = 0;
  private since = 0;
  private stale = false;
  private pulse: Pulse = { heard: 0, asked: null, ticked: 0 };
  private cancelTimer: () => void = () => {};
  private cancelTick: () => void = () => {};
  private leaveAt: (() => void) | null = null;

  constructor(private readonly world: World, private readonly handlers: Handlers) {}

  start(): void {
    if (this.phase === "idle") void this.connect();
  }

  stop(): void {
    this.drop();
    this.enter("idle");
  }

  /** The world says that now is better than before: the network is back, the tab is looked at. */
  wake(): void {
    if (this.phase === "online") return this.check(true);
    if (this.phase !== "waiting" && this.phase !== "refused") return;
    this.later(this.world.random() * 250);
  }

  send(frame: ClientFrame): boolean {
    if (this.phase !== "online" || !this.wire) return false;
    this.wire.send(JSON.stringify(frame));
    return true;
  }

  /** Leave this socket and take another at once; the offsets make that harmless. */
  renew(): void {
    if (this.phase === "idle") return;
    this.drop();
    void this.connect();
  }

  /** The server goes away: finish what is under way, then come back when it said. */
  leave(after_ms: number): void {
    this.leaveAt?.();
    this.leaveAt = this.world.after(after_ms, () => this.renew());
  }

  private async connect(): Promise<void> {
    const generation = ++this.generation;
    this.cancelTimer();
    this.enter("connecting");
    try {
      const credentials = await this.handlers.authorise(this.stale);
      if (generation !== this.generation) return;
      this.stale = false;
      this.open(credentials);
    } catch (error) {
      if (generation === this.generation) this.failed(error);
    }
  }

  private failed(error: unknown): void {
    if (!(error instanceof ApiError) || error.passing) {
      return this.wait(error instanceof ApiError ? (error.retry_after_ms ?? 0) : 0);
    }
    this.enter("refused", error);
    this.later(REFUSED_MS);
  }

  private open(credentials: Credentials): void {
    const wire = this.world.connect(credentials.ws);
    this.wire = wire;
    this.cancelTimer = this.world.after(WELCOME_MS, () => this.lost(0));
    wire.onopen = () => wire.send(JSON.stringify(this.handlers.hello(credentials.token)));
    wire.onmessage = (message) => this.heard(message.data);
    wire.onclose = (close) => this.lost(close.code);
  }

  private heard(data: unknown): void {
    this.pulse.heard = this.world.now();
    this.pulse.asked = null;
    const frame = parse(data);
    if (!frame) return;
    if (frame.op === "welcome") this.welcomed();
    this.handlers.frame(frame);
  }

  private welcomed(): void {
    this.cancelTimer();
    this.since = this.world.now();
    this.pulse.ticked = this.since;
    this.enter("online");
    this.tick();
  }

  private tick(): void {
    this.cancelTick = this.world.after(TICK_MS, () => {
      this.check(false);
      if (this.phase === "online") this.tick();
    });
  }

  private check(doubt: boolean): void {
    const now = this.world.now();
    const verdict = examine(this.pulse, now, doubt);
    this.pulse.ticked = now;
    if (verdict === "dead") return this.lost(0);
    if (verdict !== "ask") return;
    this.pulse.asked = now;
    this.send({ op: "ping", n: Math.floor(now) });
  }

  private lost(code: number): void {
    if (this.phase === "online" && this.world.now() - this.since > STABLE_MS) this.attempt = 0;
    this.drop();
    if (code === 4401) this.stale = true;
    if (code === 4403) {
      this.enter("refused", new ApiError(403, "origin_refused", ""));
      return this.later(REFUSED_MS);
    }
    this.wait(code === 4429 || code === 1013 ? CROWDED_MS : 0);
  }

  private wait(floor_ms: number): void {
    this.enter("waiting");
    this.later(backoff(this.attempt++, this.world.random, floor_ms));
  }

  private later(ms: number): void {
    this.cancelTimer();
    this.cancelTimer = this.world.after(ms, () => void this.connect());
  }

  /** Handlers go first: a dead socket may say so minutes later, when another is in its place. */
  private drop(): void {
    this.generation++;
    this.cancelTimer();
    this.cancelTick();
    this.leaveAt?.();
    this.leaveAt = null;
    const wire = this.wire;
    this.wire = null;
    if (!wire) return;
    wire.onopen = wire.onmessage = wire.onclose = null;
    wire.close(1000);
    this.pulse.asked = null;
  }

  private enter(phase: Phase, error?: ApiError): void {
    this.phase = phase;
    this.handlers.phase(phase, error);
  }
}

function parse(data: unknown): ServerFrame | null {
  try {
    const frame: unknown = JSON.parse(String(data));
    return typeof frame === "object" && frame !== null ? (frame as ServerFrame) : null;
  } catch {
    return null;
  }
}
