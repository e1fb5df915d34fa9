/** The outbox's rules, as changes to rows. */
import { describe, expect, it } from "vitest";
import type { Change } from "../db";
import * as queue from "../queue";
import type { Draft, Entry } from "../queue";

function apply(rows: Entry[], changes: Change<Entry>[]): Entry[] {
  const map = new Map(rows.map((row) => [row.key, row]));
  for (const change of changes) {
    if ("put" in change) map.set(change.put.key, change.put);
    else map.delete(change.drop);
  }
  return [...map.values()].sort((a, b) => a.seq - b.seq);
}

function draft(key: string, more: Partial<Draft> = {}): Draft {
  return { key, actor: "v", conversation: null, op: "post", fields: { body: { text: key } }, at: "", ...more };
}

function written(...drafts: Draft[]): Entry[] {
  return drafts.reduce<Entry[]>((rows, one) => apply(rows, queue.add(rows, one)), []);
}

const none = new Set<string>();
const keys = (rows: Entry[]) => rows.map((row) => row.key);

describe("a first message", () => {
  it("starts the conversation, and what follows waits for its id", () => {
    const rows = written(draft("a"), draft("b"));
    expect(rows.map((row) => row.op)).toEqual(["start", "post"]);
    expect(keys(queue.choose(rows, "visitor", none, new Set(), 9))).toEqual(["a"]);
    const after = apply(rows, queue.acked(rows, { op: "ack", id: "a", conversation: "c" }));
    expect(after.map(queue.frame)).toEqual([{ op: "post", id: "b", body: { text: "b" }, conversation: "c" }]);
  });

  it("says what it opens with, and so does the next if it must open itself", () => {
    const rows = written(draft("a", { opening: { channel: "link" } }), draft("b", { opening: { channel: "inline" } }));
    expect(queue.frame(rows[0]!)).toMatchObject({ op: "start", channel: "link" });
    const after = apply(rows, queue.refused(rows, { op: "error", id: "a", code: "too_large", message: "long" }));
    expect(queue.frame(after[1]!)).toMatchObject({ op: "start", channel: "inline" });
    expect(queue.frame({ ...after[1]!, op: "post", conversation: "c" })).not.toHaveProperty("channel");
  });

  it("comes after who the visitor is, which needs no conversation and gets none", () => {
    const rows = written(draft("who", { op: "introduce", fields: { name: "Ada" } }), draft("a"), draft("more", { op: "introduce", fields: {} }));
    expect(keys(queue.choose(rows, "visitor", none, new Set(), 9))).toEqual(["who"]);
    const next = apply(rows, queue.acked(rows, { op: "ack", id: "who" }));
    expect(keys(queue.choose(next, "visitor", none, new Set(), 9))).toEqual(["a"]);
    const last = apply(next, queue.acked(next, { op: "ack", id: "a", conversation: "c" }));
    expect(last.map(queue.frame)).toEqual([{ op: "introduce", id: "more" }]);
  });

  it("refused for good, hands the opening on to the next", () => {
    const rows = written(draft("a"), draft("b"), draft("d"));
    const after = apply(rows, queue.refused(rows, { op: "error", id: "a", code: "too_large", message: "long" }));
    expect(after.map((row) => [row.op, row.refused?.code])).toEqual([["start", "too_large"], ["start", undefined], ["post", undefined]]);
  });
});

describe("what may go out", () => {
  it("keeps order, a bound, and clear of what is under way, held or refused", () => {
    const rows = written(...["a", "b", "x", "d"].map((key) => draft(key, { conversation: key === "x" ? "other" : "c" })));
    expect(keys(queue.choose(rows, "visitor", none, new Set(), 2))).toEqual(["a", "b"]);
    expect(keys(queue.choose(rows, "visitor", new Set(["a"]), new Set(), 9))).toEqual(["b", "x", "d"]);
    expect(keys(queue.choose(rows, "visitor", none, new Set(["c"]), 9))).toEqual(["x"]);
  });

  it("sends nothing behind what may be decided anew when it is sent again, in its own conversation", () => {
    const tag = (key: string, conversation: string) => draft(key, { op: "tag", conversation, fields: { tags: [key] } });
    const rows = written(draft("a", { conversation: "c" }), tag("x", "c"), tag("y", "c"), tag("o", "other"));
    expect(keys(queue.choose(rows, "visitor", none, new Set(), 9))).toEqual(["a", "x", "o"]);
    expect(keys(queue.choose(rows, "visitor", new Set(["a", "x", "o"]), new Set(), 9))).toEqual([]);
    expect(keys(queue.choose(rows, "agent", none, new Set(), 9))).toEqual(["a", "o"]);
    expect(keys(queue.choose(rows.slice(1), "agent", new Set(["o"]), new Set(), 9))).toEqual(["x"]);
  });

  it("lets a start go alone, since it may lead into a conversation that others speak in", () => {
    const rows = written(draft("a", { conversation: "c" }), draft("s"), draft("b", { conversation: "c" }));
    expect(keys(queue.choose(rows, "visitor", none, new Set(), 9))).toEqual(["a"]);
    expect(keys(queue.choose(rows.slice(1), "visitor", none, new Set(), 9))).toEqual(["s"]);
    expect(keys(queue.choose(rows.slice(1), "visitor", new Set(["s"]), new Set(), 9))).toEqual([]);
  });

  it("belongs to its writer", () => {
    const rows = written(draft("a"), draft("b", { actor: "w" }));
    expect(keys(queue.mine(rows, "w"))).toEqual(["b"]);
    expect(rows.map((row) => row.op)).toEqual(["start", "start"]);
  });
});

describe("read marks", () => {
  const read = (key: string, upto: number) => draft(key, { op: "read", conversation: "c", fields: { upto } });

  it("replace earlier ones that were never sent", () => {
    expect(keys(written(read("r1", 3), read("r2", 5)))).toEqual(["r2"]);
  });

  it("leave what was sent, since the server may wait for its id", () => {
    const sent = written(read("r1", 3)).map((row) => ({ ...row, sent: true }));
    expect(keys(apply(sent, queue.add(sent, read("r2", 5))))).toEqual(["r1", "r2"]);
  });
});

describe("refusals", () => {
  const rows = written(draft("a", { conversation: "c" }), draft("b", { conversation: "c", op: "close", fields: {} }));
  const no = (id: string, code: string) => queue.refused(rows, { op: "error", id, code, message: "why" });

  it("keep words with the reason until the writer decides", () => {
    const after = apply(rows, no("a", "too_large"));
    expect(after[0]?.refused).toEqual({ code: "too_large", message: "why" });
    expect(keys(apply(after, queue.discarded(after, "a")))).toEqual(["b"]);
    const retried = apply(after, queue.again(after, "a", "fresh"));
    expect(retried.map((row) => [row.key, row.refused])).toEqual([["b", undefined], ["a", undefined]]);
  });

  it("give words whose id is taken a fresh one", () => {
    const after = apply(rows, no("a", "id_reused"));
    expect(keys(apply(after, queue.again(after, "a", "fresh")))).toEqual(["b", "fresh"]);
  });

  it("drop other commands", () => {
    expect(keys(apply(rows, no("b", "forbidden")))).toEqual(["a"]);
  });

  it("send words to the conversation that is open instead", () => {
    const after = apply(rows, no("a", "other_open"));
    expect(queue.frame(after[0]!)).toEqual({ op: "start", id: "a", body: { text: "a" } });
  });

  it("never throw away what may be on its way", () => {
    expect(queue.discarded(rows, "a")).toEqual([]);
  });
});

it("moves an orphan's words, and only words, to the new visitor", () => {
  const rows = written(draft("a", { conversation: "c" }), draft("r", { conversation: "c", op: "read", fields: { upto: 1 } }), draft("b", { conversation: "c" }));
  const after = apply(rows, queue.orphaned(rows, "v", "w"));
  expect(after.map((row) => [row.key, row.actor, row.op, row.conversation])).toEqual([["a", "w", "start", null], ["b", "w", "post", null]]);
});
