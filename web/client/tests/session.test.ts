/** What a session says and decides, frame by frame. */
import { beforeEach, describe, expect, it } from "vitest";
import { Session } from "../session";
import type { Welcome } from "../types";

const FEED = "conversation:c";
const welcome: Welcome = {
  op: "welcome", connection: "c", actor: { role: "visitor", id: "v" }, feeds: {}, epoch: "two", heartbeat_s: 25,
};

let n: number;
let session: Session;

beforeEach(() => {
  n = 0;
  session = new Session(() => `id${++n}`);
});

function connect(): void {
  session.hello("t");
  session.receive(welcome);
}

const asked = (after: number, mark?: string) => ({
  kind: "send", frame: { op: "subscribe", id: `id${n}`, feed: FEED, after, ...(mark ? { mark } : {}) },
});

describe("hello", () => {
  it("names feeds, offsets, marks and the epoch known from before", () => {
    session.epoch = "one";
    session.follow(FEED, { offset: 7, mark: "m7" });
    expect(session.hello("t")).toEqual({
      op: "hello", token: "t", feeds: { [FEED]: 7 }, marks: { [FEED]: "m7" }, epoch: "one",
    });
  });

  it("asks after the welcome for what was wished for too late for it", () => {
    session.hello("t");
    expect(session.follow(FEED, { offset: 3 })).toEqual([]);
    expect(session.receive(welcome)).toContainEqual(asked(3));
  });
});

describe("reset", () => {
  it("replays a conversation of another history from the start", () => {
    session.follow(FEED, { offset: 7, mark: "m7" });
    connect();
    const outputs = session.receive({ op: "reset", feed: FEED, head: 3, reason: "history" });
    expect(outputs).toEqual([{ kind: "forget", feed: FEED }, asked(0)]);
  });

  it("leaves the inbox to be loaded anew, and follows it where told", () => {
    session.follow("inbox", { offset: 700 });
    connect();
    expect(session.receive({ op: "reset", feed: "inbox", head: 9000, reason: "behind" })).toEqual([
      { kind: "reload", feed: "inbox", reason: "behind" },
    ]);
    expect(session.follow("inbox", { offset: 9000, mark: "m" })).toMatchObject([{ frame: { after: 9000, mark: "m" } }]);
  });
});

describe("another epoch than the one named", () => {
  beforeEach(() => {
    session.epoch = "one";
    session.follow(FEED, { offset: 7, mark: "m7" });
    session.follow("inbox", { offset: 700, mark: "m700" });
    connect();
  });

  it("lets go of everything at once, since the resets may be lost with the socket", () => {
    session.closed();
    expect(session.hello("t")).toMatchObject({ epoch: "two", feeds: { [FEED]: 0 }, marks: {} });
  });

  it("has the conversation replayed, and the inbox loaded anew", () => {
    session.closed();
    session.epoch = "one";
    session.hello("t");
    expect(session.receive(welcome)).toEqual([{ kind: "forget", feed: FEED }, asked(0), { kind: "reload", feed: "inbox", reason: "history" }]);
  });

  it("does not take the reset of the hello for the answer to what it asked since", () => {
    const reset = { op: "reset", feed: FEED, head: 3, reason: "history" } as const;
    expect(session.receive(reset)).toEqual([]);
    session.receive({ op: "ack", id: `id${n}` });
    expect(session.receive(reset)).toContainEqual(asked(0));
  });
});

it("lets go of nothing in the epoch that was named, or when none was", () => {
  session.follow(FEED, { offset: 7, mark: "m7" });
  connect();
  connect();
  expect(session.offset(FEED)).toBe(7);
});

describe("refusals", () => {
  it("forgets a feed that may not be read", () => {
    session.follow(FEED, { offset: 1 });
    connect();
    const outputs = session.receive({ op: "error", feed: FEED, code: "not_found", message: "" });
    expect(outputs).toEqual([{ kind: "gone", feed: FEED, reason: "not_found" }]);
    expect(session.offset(FEED)).toBeUndefined();
  });

  it("tries again when asked to wait, also when the error names only the request", () => {
    connect();
    session.follow(FEED, { offset: 1 });
    const outputs = session.receive({ op: "error", id: "id1", code: "unavailable", message: "", retry_after_ms: 50 });
    expect(outputs).toEqual([{ kind: "retry", feed: FEED, after_ms: 50 }]);
    expect(session.retry(FEED)).toEqual([asked(1)]);
  });

  it("mends a gap seen while catching up after hello, once that is over", () => {
    session.follow(FEED, { offset: 1 });
    connect();
    expect(session.receive({ op: "events", feed: FEED, after: 5, upto: 6, events: [] })).toEqual([]);
    expect(session.receive({ op: "live", feed: FEED, at: 6 })).toEqual([asked(1)]);
  });
});

it("passes on what is not about feeds", () => {
  connect();
  expect(session.receive({ op: "ack", id: "x", version: 2 })).toMatchObject([{ kind: "answer", id: "x" }]);
  expect(session.receive({ op: "gone", feed: "conversation:other", reason: "" })).toEqual([]);
  expect(session.receive({ op: "goaway", reason: "", reconnect_after_ms: 5 })).toEqual([{ kind: "goaway", after_ms: 5 }]);
});
