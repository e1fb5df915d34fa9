/** What an agent does shows at once, and which conversations call and are shown. All of it pure. */
import { describe, expect, it } from "vitest";
import type { Entry } from "../../client/queue";
import type { LogEvent } from "../../client/types";
import { callOf } from "../state/calls";
import { expected, silent, taking, unsettled } from "../state/expected";
import { counts, longestUnanswered, select, serving, type Filter } from "../state/filter";
import type { Item, Items } from "../state/inbox";

const item = (id: string, more: Partial<Item> = {}): Item =>
  ({ id, visitor: `v${id}`, status: "open", assignee: null, tags: [], last_at: id, started_at: id, reads: {}, version: 1, last_visitor_version: 1, department: null, ...more }) as Item;
const items = (...all: Item[]): Items => new Map(all.map((one) => [one.id, one]));
const entry = (op: string, fields: object, more: Partial<Entry> = {}) => ({ key: op, seq: 1, actor: "mia", conversation: "1", op, fields, at: "", ...more }) as Entry;

describe("what was done and is not with the server yet", () => {
  it("shows as if it were, in order, and not where it was refused", () => {
    const before = items(item("1"), item("2"));
    const done = [entry("assign", {}), entry("tag", { tags: ["vip"] }), entry("close", {})];
    expect(expected(before, done, "mia").get("1")).toMatchObject({ assignee: "mia", tags: ["vip"], status: "closed" });
    expect(expected(before, [entry("transfer", { department: "sales" })], "mia").get("1")).toMatchObject({ assignee: null, department: "sales" });
    expect(expected(before, [entry("close", {}, { refused: { code: "busy", message: "" } })], "mia").get("1")!.status).toBe("open");
    expect(before.get("1")!.status).toBe("open");
    expect(unsettled(done, "1")).toBe(true);
    expect(unsettled(done, "2")).toBe(false);
    expect(unsettled([entry("post", {})], "1")).toBe(false);
  });
});

it("is told of where it was refused, but for what nobody asked for and for words", () => {
  expect(["read", "delivered", "post", "close", "assign"].filter((op) => silent(entry(op, {})))).toEqual(["read", "delivered", "post"]);
});

describe("taking", () => {
  it("is only for what is free where nobody is seen to serve it", () => {
    expect(taking(item("1"), false)).toEqual({ free: true });
    expect(taking(item("2", { assignee: "tom" }), false)).toEqual({});
    expect(taking(item("2", { assignee: "tom" }), true)).toEqual({ free: true });
  });
});

describe("the list", () => {
  const all = items(
    item("1", { assignee: "mia", department: "sales" }), item("2", { queued_at: "5" }), item("3", { queued_at: "6", unanswered_at: "4", missed: "closed" }),
    item("4", { status: "closed", missed: "unstaffed", assignee: "tom" }), item("5", { assignee: "tom", reads: { mia: 1 } }),
  );
  const shown = (change: Partial<Filter>) => select(all, { who: "all", status: "open", department: "", text: "", ...change }, "mia").map(({ id }) => id);

  it("is narrowed to whose, which and where; who waits longest comes first among those who wait", () => {
    expect(shown({})).toEqual(["5", "3", "2", "1"]);
    expect(shown({ who: "mine" })).toEqual(["1"]);
    expect(shown({ who: "unassigned" })).toEqual(["3", "2"]);
    expect(shown({ department: "sales" })).toEqual(["1"]);
  });

  it("has what was missed until it is answered, closed or not", () => {
    expect(shown({ who: "missed" })).toEqual(["4", "3"]);
    expect(serving(all, "tom")).toBe(1);
    expect(counts(all, "mia")).toEqual({ mine: 1, unassigned: 2, missed: 2, all: 3 });
  });
});

it("an answer is waited for longest where nobody else serves it", () => {
  const waits = (id: string, unanswered_at: string | null, assignee: string | null = null, status: Item["status"] = "open") => item(id, { unanswered_at, assignee, status });
  const all = items(waits("1", "5"), waits("2", "3", "mia"), waits("3", "1", "tom"), waits("4", "2", null, "closed"), waits("5", null));
  expect(longestUnanswered(all, "mia")?.id).toBe("2");
  expect(longestUnanswered(items(), "mia")).toBeUndefined();
});

describe("a call", () => {
  const event = (type: string, actor: object, data: object = {}) => ({ type, actor, data, stream: "conversation-1", at: "", version: 2, id: "e" }) as unknown as LogEvent;
  const vera = { role: "visitor", id: "v1" };
  const router = { role: "system", id: "router" };
  const kind = (happened: LogEvent, of: Item) => callOf(happened, of, "mia")?.kind;

  it("comes from one's own visitors and from those that nobody serves", () => {
    const said = event("message.posted", vera, { body: { text: "hi" } });
    expect(kind(said, item("1", { assignee: "mia" }))).toBe("message");
    expect(kind(said, item("1"))).toBe("waiting");
    expect(kind(said, item("1", { assignee: "tom" }))).toBeUndefined();
    expect(kind(event("message.posted", { role: "agent", id: "tom" }), item("1"))).toBeUndefined();
  });

  it("comes from what is handed over by others, not from what one took oneself", () => {
    const mine = item("1", { assignee: "mia" });
    expect(kind(event("conversation.assigned", router, { agent: "mia", reason: "least_busy" }), mine)).toBe("assigned");
    expect(kind(event("conversation.assigned", { role: "agent", id: "mia" }, { agent: "mia" }), mine)).toBeUndefined();
    expect(kind(event("conversation.transferred", router, { department: "sales", reason: "agent_gone" }), item("1"))).toBe("waiting");
  });

  it("comes from who waits too long and who was missed", () => {
    expect(kind(event("conversation.unanswered", router, { upto: 1, after_s: 120 }), item("1", { assignee: "mia" }))).toBe("unanswered");
    expect(kind(event("conversation.unanswered", router, {}), item("1", { assignee: "tom" }))).toBeUndefined();
    expect(kind(event("conversation.missed", router, { reason: "closed" }), item("1"))).toBe("missed");
  });
});
