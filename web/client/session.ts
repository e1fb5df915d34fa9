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
  | { kind: "apply"; feed: string; state: FeedState; events: LogEvent[] }
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
  private readonly _feeds = new Map<string, Feed>();
  private _open = false;

  constructor(private readonly _newId: () => string) {}

  offset(feed: string): number | undefined {
    return this._feeds.get(feed)?.offset;
  }

  hello(token: string): Hello {
    const hello = { op: "hello", token, feeds: {}, marks: {}, epoch: this.epoch } as Hello;
    for (const [name, feed] of this._feeds) {
      hello.feeds[name] = feed.offset;
      if (feed.mark) hello.marks![name] = feed.mark;
      feed.following = "asked";
      feed.request = undefined;
      feed.holed = false;
    }
    return hello;
  }

  closed(): void {
    this._open = false;
    for (const feed of this._feeds.values()) feed.following = "no";
  }

  /** Follow a feed from an offset; before the connection stands this only takes note of it. */
  follow(name: string, from: FeedState): Output[] {
    const feed: Feed = { offset: from.offset, mark: from.mark, following: "no" };
    this._feeds.set(name, feed);
    return this._ask(name, feed);
  }

  unfollow(name: string): Output[] {
    if (!this._feeds.delete(name) || !this._open) return [];
    return [{ kind: "send", frame: { op: "unsubscribe", id: this._newId(), feed: name } }];
  }

  /** Subscribe again from where we are, after a refusal that was only for the moment. */
  retry(name: string): Output[] {
    const feed = this._feeds.get(name);
    return feed && feed.following === "no" ? this._ask(name, feed) : [];
  }

  receive(frame: ServerFrame): Output[] {
    switch (frame.op) {
      case "welcome": return this._welcomed(frame);
      case "events": return this._ranged(frame);
      case "live": return this._live(frame.feed);
      case "reset": return this._reset(frame.feed, frame.reason);
      case "gone": return this._gone(frame.feed, frame.reason);
      case "ack": return this._acked(frame);
      case "error": return this._refused(frame);
      case "signal": return [{ kind: "signal", signal: frame }];
      case "goaway": return [{ kind: "goaway", after_ms: frame.reconnect_after_ms }];
      default: return [];
    }
  }

  /**
   * What was wished for after the hello went out is asked for now. What is of another epoch goes
   * before the resets come, which may be lost with the socket: the next hello would seem to be right.
   */
  private _welcomed(welcome: Welcome): Output[] {
    this._open = true;
    const other = this.epoch && this.epoch !== welcome.epoch;
    this.epoch = welcome.epoch;
    return [...this._feeds.keys()].flatMap((name) => (other ? this._reset(name, "history") : this.retry(name)));
  }

  private _ranged(frame: EventsFrame): Output[] {
    const feed = this._feeds.get(frame.feed);
    if (!feed) return [];
    const verdict = judge(frame.feed, feed, frame);
    if (verdict.kind === "duplicate") return [];
    if (verdict.kind === "gap") return this._gap(frame.feed, feed);
    feed.offset = verdict.state.offset;
    feed.mark = verdict.state.mark;
    return [{ kind: "apply", feed: frame.feed, state: verdict.state, events: verdict.events }];
  }

  private _gap(name: string, feed: Feed): Output[] {
    if (feed.following !== "asked") return this._ask(name, feed);
    feed.holed = true;
    return [];
  }

  private _live(name: string): Output[] {
    const feed = this._feeds.get(name);
    if (!feed || feed.request) return [];
    if (feed.holed) return this._ask(name, feed);
    feed.following = "yes";
    return [];
  }

  /**
   * A conversation is replayed from its start; the inbox is a view that must be loaded anew. What was
   * asked for since has its own answer: this one is older.
   */
  private _reset(name: string, reason: ResetReason): Output[] {
    const feed = this._feeds.get(name);
    if (!feed) return [];
    if (!name.startsWith("conversation:")) {
      feed.following = "no";
      feed.request = undefined;
      return [{ kind: "reload", feed: name, reason }];
    }
    if (feed.request) return [];
    feed.offset = 0;
    feed.mark = undefined;
    return [{ kind: "forget", feed: name }, ...this._ask(name, feed)];
  }

  private _gone(name: string, reason: string): Output[] {
    return this._feeds.delete(name) ? [{ kind: "gone", feed: name, reason }] : [];
  }

  private _acked(ack: Ack): Output[] {
    const feed = this._feeds.get(this._asked(ack.id) ?? "");
    if (!feed) return [{ kind: "answer", id: ack.id, answer: ack }];
    feed.request = undefined;
    feed.holed = false;
    feed.following = "yes";
    return [];
  }

  private _refused(error: ErrorFrame): Output[] {
    const name = error.feed ?? this._asked(error.id);
    if (name === undefined) return error.id ? [{ kind: "answer", id: error.id, answer: error }] : [];
    const feed = this._feeds.get(name);
    if (!feed) return [];
    feed.following = "no";
    feed.request = undefined;
    if (error.retry_after_ms !== undefined) {
      return [{ kind: "retry", feed: name, after_ms: error.retry_after_ms }];
    }
    return this._gone(name, error.code);
  }

  /** The feed whose subscription this is. */
  private _asked(id: string | undefined): string | undefined {
    return [...this._feeds.keys()].find((name) => id && this._feeds.get(name)!.request === id);
  }

  private _ask(name: string, feed: Feed): Output[] {
    if (!this._open) return [];
    feed.following = "asked";
    feed.holed = false;
    feed.request = this._newId();
    const frame: ClientFrame = { op: "subscribe", id: feed.request, feed: name, after: feed.offset };
    if (feed.mark) frame["mark"] = feed.mark;
    return [{ kind: "send", frame }];
  }
}
