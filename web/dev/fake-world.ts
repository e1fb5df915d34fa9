/**
 * A world for the client in which time runs a hundred times as fast and wires break at will; its
 * other end is a `FakeSocket`. For tests only.
 */
import type { Wire, World } from "../client/ports";
import type { Actor, ClientFrame, ServerFrame } from "../client/types";
import type { FakeLog } from "./fake-log";
import { FakeSocket, honest, type Mischief } from "./fake-socket";

const SPEED = 100;
/** Not 0: fake timers let a 0 that is set outside of a timer overtake one that is set inside. */
const WAY_MS = 1;

/** Small and seeded, so that a failing run can be run again (mulberry32). */
export function seeded(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export class FakeWorld implements World {
  mischief: Mischief = honest;
  /** Nobody answers, as with the plug pulled. */
  offline = false;
  /** Sends go into the void and nothing is heard, without a close. */
  halfOpen = false;
  readonly said: ClientFrame[] = [];
  private killed = false;
  private readonly wires = new Set<FakeWire>();
  private readonly began = Date.now();

  constructor(readonly log: FakeLog, readonly whois: (token: string) => Actor | null, readonly random: () => number) {}

  now(): number {
    return this.began + (Date.now() - this.began) * SPEED;
  }

  after(ms: number, call: () => void): () => void {
    const timer = setTimeout(() => this.killed || call(), ms / SPEED);
    return () => clearTimeout(timer);
  }

  connect(): Wire {
    const wire = new FakeWire(this);
    this.wires.add(wire);
    if (this.killed) wire.close();
    return wire;
  }

  /** Every socket breaks at once; what was on its way may or may not have arrived. */
  cut(code = 1006): void {
    for (const wire of [...this.wires]) wire.fail(code);
  }

  /** The page is no more: no timer of it comes, and no socket says good-bye. */
  kill(): void {
    this.killed = true;
    for (const wire of [...this.wires]) wire.close();
  }

  forget(wire: FakeWire): void {
    this.wires.delete(wire);
  }
}

class FakeWire implements Wire {
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: unknown }) => void) | null = null;
  onclose: ((close: { code: number }) => void) | null = null;
  private dead = false;
  private readonly socket: FakeSocket;
  /** Of each feed, and of all answers, when the last frame comes: none overtakes it. */
  private readonly lines = new Map<string, number>();

  constructor(private readonly world: FakeWorld) {
    const mischief: Mischief = {
      out: (frame) => world.mischief.out(frame),
      muteAnswer: (frame) => world.mischief.muteAnswer(frame),
      busy: (frame) => world.mischief.busy(frame),
    };
    this.socket = new FakeSocket(world.log, world.whois, (frame) => this.deliver(frame), (code) => this.fail(code), mischief);
    setTimeout(() => (world.offline ? this.fail(1006) : this.onopen?.()), WAY_MS);
  }

  send(text: string): void {
    const frame = JSON.parse(text) as ClientFrame;
    if (this.dead || this.world.halfOpen) return;
    this.world.said.push(frame);
    setTimeout(() => !this.dead && this.socket.receive(frame), WAY_MS);
  }

  close(): void {
    this.dead = true;
    this.socket.gone();
    this.world.forget(this);
  }

  fail(code: number): void {
    if (this.dead) return;
    this.close();
    this.onclose?.({ code });
  }

  private deliver(frame: ServerFrame): void {
    const data = JSON.stringify(frame);
    const line = frame.op === "welcome" ? "" : String((frame as { feed?: string }).feed ?? "answers");
    const now = Date.now();
    const due = Math.max(now + WAY_MS + (this.world.mischief.late?.(frame) ?? 0), this.lines.get("") ?? 0, this.lines.get(line) ?? 0);
    this.lines.set(line, due);
    setTimeout(() => !this.dead && !this.world.halfOpen && this.onmessage?.({ data }), due - now);
  }
}
