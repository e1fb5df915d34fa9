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
  phase(phase: Phase): void;
}

const WELCOME_MS = 10_000;
/** A connection that stood this long was a good one: the next failure starts the count anew. */
const STABLE_MS = 10_000;
const REFUSED_MS = 60_000;
const CROWDED_MS = 3_000;

export class Connection {
  phase: Phase = "idle";
  private _wire: Wire | null = null;
  private _generation = 0;
  private _attempt = 0;
  private _since = 0;
  private _stale = false;
  private _pulse: Pulse = { heard: 0, asked: null, asks: 0, ticked: 0 };
  private _cancelTimer: () => void = () => {};
  private _cancelTick: () => void = () => {};
  private _leaveAt: (() => void) | null = null;

  constructor(private readonly _world: World, private readonly _handlers: Handlers) {}

  start(): void {
    if (this.phase === "idle") void this._connect();
  }

  stop(): void {
    this._drop();
    this._enter("idle");
  }

  /** The world says that now is better than before: the network is back, the tab is looked at. */
  wake(): void {
    if (this.phase === "online") return this._check(true);
    if (this.phase !== "waiting" && this.phase !== "refused") return;
    this._later(this._world.random() * 250);
  }

  send(frame: ClientFrame): boolean {
    if (this.phase !== "online" || !this._wire) return false;
    this._wire.send(JSON.stringify(frame));
    return true;
  }

  /** Leave this socket and take another at once; the offsets make that harmless. */
  renew(): void {
    if (this.phase === "idle") return;
    this._drop();
    void this._connect();
  }

  /** The server goes away: finish what is under way, then come back when it said. */
  leave(after_ms: number): void {
    this._leaveAt?.();
    this._leaveAt = this._world.after(after_ms, () => this.renew());
  }

  private async _connect(): Promise<void> {
    const generation = ++this._generation;
    this._cancelTimer();
    this._enter("connecting");
    try {
      const credentials = await this._handlers.authorise(this._stale);
      if (generation !== this._generation) return;
      this._stale = false;
      this._open(credentials);
    } catch (error) {
      if (generation === this._generation) this._failed(error);
    }
  }

  private _failed(error: unknown): void {
    if (!(error instanceof ApiError) || error.passing) {
      return this._wait(error instanceof ApiError ? (error.retry_after_ms ?? 0) : 0);
    }
    this._enter("refused");
    this._later(REFUSED_MS);
  }

  private _open(credentials: Credentials): void {
    const wire = this._world.connect(credentials.ws);
    this._wire = wire;
    this._cancelTimer = this._world.after(WELCOME_MS, () => this._lost(0));
    wire.onopen = () => wire.send(JSON.stringify(this._handlers.hello(credentials.token)));
    wire.onmessage = (message) => this._heard(message.data);
    wire.onclose = (close) => this._lost(close.code);
  }

  private _heard(data: unknown): void {
    this._pulse.heard = this._world.now();
    this._answered();
    const frame = parse(data);
    if (!frame) return;
    if (frame.op === "welcome") this._welcomed();
    this._handlers.frame(frame);
  }

  private _welcomed(): void {
    this._cancelTimer();
    this._since = this._world.now();
    this._pulse.ticked = this._since;
    this._enter("online");
    this._tick();
  }

  private _tick(): void {
    this._cancelTick = this._world.after(TICK_MS, () => {
      this._check(false);
      if (this.phase === "online") this._tick();
    });
  }

  private _check(doubt: boolean): void {
    const now = this._world.now();
    const verdict = examine(this._pulse, now, doubt);
    this._pulse.ticked = now;
    if (verdict === "dead") return this._lost(0);
    if (verdict !== "ask") return;
    this._pulse.asked = now;
    this._pulse.asks++;
    this.send({ op: "ping", n: Math.floor(now) });
  }

  private _lost(code: number): void {
    if (this.phase === "online" && this._world.now() - this._since > STABLE_MS) this._attempt = 0;
    this._drop();
    if (code === 4401) this._stale = true;
    if (code === 4403) {
      this._enter("refused");
      return this._later(REFUSED_MS);
    }
    this._wait(code === 4429 || code === 1013 ? CROWDED_MS : 0);
  }

  private _wait(floor_ms: number): void {
    this._enter("waiting");
    this._later(backoff(this._attempt++, this._world.random, floor_ms));
  }

  private _later(ms: number): void {
    this._cancelTimer();
    this._cancelTimer = this._world.after(ms, () => void this._connect());
  }

  /** Handlers go first: a dead socket may say so minutes later, when another is in its place. */
  private _drop(): void {
    this._generation++;
    this._cancelTimer();
    this._cancelTick();
    this._leaveAt?.();
    this._leaveAt = null;
    const wire = this._wire;
    this._wire = null;
    if (!wire) return;
    wire.onopen = wire.onmessage = wire.onclose = null;
    wire.close();
    this._answered();
  }

  private _answered(): void {
    this._pulse.asked = null;
    this._pulse.asks = 0;
  }

  private _enter(phase: Phase): void {
    this.phase = phase;
    this._handlers.phase(phase);
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
