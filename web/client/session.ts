/**
 * One client's side of the conversation with the server, without the socket: frames in,
 * decisions out. It holds what outlives a connection (which feeds, from which offsets) and may
 * never touch a clock, a socket, a store or a screen; so every interleaving can be tested.
 */
import { judge, type FeedState } from "./feed";
import type {
  Ack, ClientFrame, ErrorFrame, EventsFrame, Hello, LogEvent, ResetReason, ServerFrame, Signal, Welcome,
} from "./types";

/** `asked`: a subscription is on its way, so a gap needs no second one. */
type Following = "no" | "asked" | "yes";

interface Feed extends FeedState {
  following: Following;
  /** The id of the subscribe that is still unanswered. */
  request?: string | undefined;
  /** A gap was seen while catching up after `hello`: to be mended as soon as that is over. */
  holed?: boolean;
}

export type Output =
  | { kind: "send"; frame: ClientFrame }
  | { kind: "welcome"; welcome: Welcome }
  | { kind: "apply"; feed: string; state: FeedState; events: LogEvent[] }
  | { kind: "live"; feed: string }
  /** What was kept of this feed is another history: forget it; it is being replayed from 0. */
  | { kind: "forget"; feed: string }
  /** The view must come by HTTP; then `follow` again. */
  | { kind: "reload"; feed: string; reason: ResetReason }
  | { kind: "gone"; feed: string; reason: string }
  | { kind: "retry"; feed: string; after_ms: number }
  | { kind: "answer"; id: string; answer: Ack | ErrorFrame }
  | { kind: "signal"; signal: Signal }
  | { kind: "goaway"; after_ms: number };

export class Session {
  epoch: string | undefined;
  private readonly feeds = new Map<string, Feed>();
  private open = false;

  constructor(private readonly newId: () => string) {}

  offset(feed: string): number | undefined {
    return this.feeds.get(feed)?.offset;
  }

  hello(token: string): Hello {
    const hello: Hello = { op: "hello", token, feeds: {}, marks: {} };
    for (const [name, feed] of this.feeds) {
      hello.feeds[name] = feed.offset;
      if (feed.mark) hello.marks![name] = feed.mark;
      feed.following = "asked";
      feed.request = undefined;
      feed.holed = false;
    }
    if (this.epoch) hello.epoch = this.epoch;
    return hello;
  }

  closed(): void {
    this.open = false;
    for (const feed of this.feeds.values()) feed.following = "no";
  }

  /** Follow a feed from an offset; before the connection stands this only takes note of it. */
  follow(name: string, from: FeedState): Output[] {
    const feed: Feed = { offset: from.offset, mark: from.mark, following: "no" };
    this.feeds.set(name, feed);
    return this.ask(name, feed);
  }

  unfollow(name: string): Output[] {
    if (!this.feeds.delete(name) || !this.open) return [];
    return [{ kind: "send", frame: { op: "unsubscribe", id: this.newId(), feed: name } }];
  }

  /** Subscribe again from where we are, after a refusal that was only for the moment. */
  retry(name: string): Output[] {
    const feed = this.feeds.get(name);
    return feed && feed.following === "no" ? this.ask(name, feed) : [];
  }

  receive(frame: ServerFrame): Output[] {
    switch (frame.op) {
      case "welcome": return this.welcomed(frame);
      case "events": return this.ranged(frame);
      case "live": return this.live(frame.feed);
      case "reset": return this.reset(frame.feed, frame.reason);
      case "gone": return this.gone(frame.feed, frame.reason);
      case "ack": return this.acked(frame);
      case "error": return this.refused(frame);
      case "signal": return [{ kind: "signal", signal: frame }];
      case "goaway": return [{ kind: "goaway", after_ms: frame.reconnect_after_ms }];
      default: return [];
    }
  }

  /** What was wished for after the hello went out is asked for now. */
  private welcomed(welcome: Welcome): Output[] {
    this.open = true;
    this.epoch = welcome.epoch;
    const late = [...this.feeds].filter(([, feed]) => feed.following === "no");
    return [{ kind: "welcome", welcome }, ...late.flatMap(([name, feed]) => this.ask(name, feed))];
  }

  private ranged(frame: EventsFrame): Output[] {
    const feed = this.feeds.get(frame.feed);
    if (!feed) return [];
    const verdict = judge(frame.feed, feed, frame);
    if (verdict.kind === "duplicate") return [];
    if (verdict.kind === "gap") return this.gap(frame.feed, feed);
    feed.offset = verdict.state.offset;
    feed.mark = verdict.state.mark;
    return [{ kind: "apply", feed: frame.feed, state: verdict.state, events: verdict.events }];
  }

  private gap(name: string, feed: Feed): Output[] {
    if (feed.following !== "asked") return this.ask(name, feed);
    feed.holed = true;
    return [];
  }

  private live(name: string): Output[] {
    const feed = this.feeds.get(name);
    if (!feed || feed.request) return [];
    if (feed.holed) return this.ask(name, feed);
    feed.following = "yes";
    return [{ kind: "live", feed: name }];
  }

  /** A conversation is replayed from its start; the inbox is a view that must be loaded anew. */
  private reset(name: string, reason: ResetReason): Output[] {
    const feed = this.feeds.get(name);
    if (!feed) return [];
    feed.following = "no";
    feed.request = undefined;
    if (!name.startsWith("conversation:")) return [{ kind: "reload", feed: name, reason }];
    feed.offset = 0;
    feed.mark = undefined;
    return [{ kind: "forget", feed: name }, ...this.ask(name, feed)];
  }

  private gone(name: string, reason: string): Output[] {
    return this.feeds.delete(name) ? [{ kind: "gone", feed: name, reason }] : [];
  }

  private acked(ack: Ack): Output[] {
    for (const feed of this.feeds.values()) {
      if (feed.request === ack.id) {
        feed.request = undefined;
        feed.holed = false;
        feed.following = "yes";
        return [];
      }
    }
    return [{ kind: "answer", id: ack.id, answer: ack }];
  }

  private refused(error: ErrorFrame): Output[] {
    const name = error.feed ?? this.feedOf(error.id);
    if (name === undefined) return error.id ? [{ kind: "answer", id: error.id, answer: error }] : [];
    const feed = this.feeds.get(name);
    if (!feed) return [];
    feed.following = "no";
    feed.request = undefined;
    if (error.retry_after_ms !== undefined) {
      return [{ kind: "retry", feed: name, after_ms: error.retry_after_ms }];
    }
    return this.gone(name, error.code);
  }

  private feedOf(id: string | undefined): string | undefined {
    if (!id) return undefined;
    for (const [name, feed] of this.feeds) if (feed.request === id) return name;
    return undefined;
  }

  private ask(name: string, feed: Feed): Output[] {
    if (!this.open) return [];
    feed.following = "asked";
    feed.holed = false;
    feed.request = this.newId();
    const frame: ClientFrame = { op: "subscribe", id: feed.request, feed: name, after: feed.offset };
    if (feed.mark) frame["mark"] = feed.mark;
    return [{ kind: "send", frame }];
  }
}
