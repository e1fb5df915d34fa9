/**
 * The server's end of one socket over a `FakeLog`: hello, feeds, commands, and the mischief that
 * tests ask for (frames cut, repeated, left out; answers lost; a conversation busy for a while).
 */
import type { Actor, ClientFrame, ErrorFrame, LogEvent, ServerFrame } from "../client/types";
import type { FakeLog } from "./fake-log";

export interface Mischief {
  /** May answer several frames, or none, in place of one. */
  out(frame: ServerFrame): ServerFrame[];
  /** The command is taken but its answer is never sent. */
  muteAnswer(frame: ClientFrame): boolean;
  /** Whole milliseconds that a frame is late: behind it only its own feed waits, or the other answers. */
  late?(frame: ServerFrame): number;
  /** Refuse for the moment; from then on all of that conversation, until this id comes again. */
  busy(frame: ClientFrame): boolean;
}

export const honest: Mischief = { out: (frame) => [frame], muteAnswer: () => false, busy: () => false };

export class FakeSocket {
  private actor: Actor | null = null;
  private readonly feeds = new Map<string, number>();
  private readonly blocked = new Map<string, string>();
  private readonly push = () => this.pump();

  constructor(
    private readonly log: FakeLog,
    private readonly whois: (token: string) => Actor | null,
    private readonly emit: (frame: ServerFrame) => void,
    private readonly kill: (code: number) => void,
    private readonly mischief: Mischief = honest,
  ) {}

  receive(frame: ClientFrame): void {
    if (frame.op === "hello") return this.hello(frame);
    if (!this.actor) return this.kill(4400);
    if (frame.op === "ping") return this.send({ op: "pong", n: Number(frame["n"]) });
    if (frame.op === "typing") return this.typing(frame);
    if (frame.op === "subscribe") return this.subscribe(frame);
    if (frame.op === "unsubscribe") {
      this.feeds.delete(String(frame["feed"]));
      return this.send({ op: "ack", id: String(frame.id) });
    }
    this.command(this.actor, frame);
  }

  gone(): void {
    this.log.listeners.delete(this.push);
    sockets.delete(this);
  }

  private hello(frame: ClientFrame): void {
    this.actor = this.whois(String(frame["token"]));
    if (!this.actor) return this.kill(4401);
    const feeds = frame["feeds"] as Record<string, number>;
    const heads = Object.fromEntries(Object.keys(feeds).map((feed) => [feed, this.head(feed)]));
    this.send({ op: "welcome", connection: "c", actor: this.actor, feeds: heads, epoch: this.log.epoch, heartbeat_s: 25 });
    this.log.listeners.add(this.push);
    sockets.add(this);
    const marks = (frame["marks"] ?? {}) as Record<string, string>;
    const other = frame["epoch"] !== undefined && frame["epoch"] !== this.log.epoch;
    for (const [feed, offset] of Object.entries(feeds)) {
      if (other) this.send({ op: "reset", feed, head: this.head(feed), reason: "history" });
      else this.enter(feed, offset, marks[feed]);
    }
  }

  private subscribe(frame: ClientFrame): void {
    const feed = String(frame["feed"]);
    this.feeds.delete(feed);
    this.send({ op: "ack", id: String(frame.id), feed });
    this.enter(feed, Number(frame["after"]), frame["mark"] as string | undefined);
  }

  private enter(feed: string, offset: number, mark: string | undefined): void {
    const head = this.head(feed);
    if (offset > head) return this.send({ op: "reset", feed, head, reason: "ahead" });
    if (mark && mark !== this.mark(feed, offset)) return this.send({ op: "reset", feed, head, reason: "history" });
    this.feeds.set(feed, offset);
    this.pump();
    this.send({ op: "live", feed, at: head });
  }

  private pump(): void {
    for (const [feed, offset] of this.feeds) {
      const head = this.head(feed);
      if (head <= offset) continue;
      this.feeds.set(feed, head);
      const role = this.actor!.role;
      const events = this.slice(feed, offset, head).filter((e) => this.log.visible(e, role)).map((e) => this.log.shown(e, role));
      this.send({ op: "events", feed, after: offset, upto: head, mark: this.mark(feed, head), events });
    }
  }

  private slice(feed: string, after: number, upto: number): LogEvent[] {
    if (feed === "inbox") return this.log.events.slice(after, upto);
    return this.log.stream(feed.replace("conversation:", "conversation-")).slice(after, upto);
  }

  private head(feed: string): number {
    return feed === "inbox" ? this.log.events.length : this.slice(feed, 0, Infinity).length;
  }

  private mark(feed: string, offset: number): string {
    return this.log.mark(feed.replace("conversation:", "conversation-"), offset);
  }

  private command(actor: Actor, frame: ClientFrame): void {
    const conversation = String(frame["conversation"] ?? "new");
    const first = this.blocked.get(conversation);
    if (first === frame.id) this.blocked.delete(conversation);
    else if (first !== undefined) return this.send(busy(frame));
    if (this.mischief.busy(frame)) {
      this.blocked.set(conversation, String(frame.id));
      return this.send(busy(frame));
    }
    const answer = this.log.command(actor, frame);
    if (!this.mischief.muteAnswer(frame)) this.send(answer);
  }

  private typing(frame: ClientFrame): void {
    const said = { conversation: String(frame["conversation"]), actor: this.actor!, on: frame["on"] === true };
    for (const other of sockets) {
      if (other !== this && other.log === this.log) other.send({ op: "signal", kind: "typing", ...said });
    }
  }

  private send(frame: ServerFrame): void {
    for (const one of this.mischief.out(frame)) this.emit(one);
  }
}

const sockets = new Set<FakeSocket>();

function busy(frame: ClientFrame): ErrorFrame {
  return { op: "error", id: String(frame.id), code: "busy", message: "busy", retry_after_ms: 30 };
}
