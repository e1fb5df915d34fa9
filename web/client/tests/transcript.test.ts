/** The fold of a conversation, and what is shown of it. */
import { describe, expect, it } from "vitest";
import { FakeLog } from "../../dev/fake-log";
import { lastVersion, thread, unread } from "../thread";
import { blank, fold, prepend, trim } from "../transcript";
import type { Actor, LogEvent } from "../types";

const VISITOR: Actor = { role: "visitor", id: "v" };
const AGENT: Actor = { role: "agent", id: "a", name: "Anna" };

function told(): { log: FakeLog; conversation: string; events: LogEvent[] } {
  const log = new FakeLog();
  const start = log.command(VISITOR, { op: "start", id: "m1", body: { text: "hi" }, page: { url: "https://x/" } });
  const conversation = (start as { conversation: string }).conversation;
  log.command(AGENT, { op: "post", id: "m2", conversation, body: { text: "hello" } });
  log.command(AGENT, { op: "post", id: "n1", conversation, body: { text: "psst" }, note: true });
  log.command(AGENT, { op: "tag", id: "t1", conversation, tags: ["vip"] });
  log.command(VISITOR, { op: "read", id: "r1", conversation, upto: 4 });
  log.command(AGENT, { op: "close", id: "c1", conversation });
  log.command(VISITOR, { op: "rate", id: "r2", conversation, rating: 5 });
  return { log, conversation, events: log.stream(`conversation-${conversation}`) };
}

describe("fold", () => {
  it("knows status, agent, tags, rating, reads and page", () => {
    const { conversation, events } = told();
    expect(fold(blank(conversation), events)).toMatchObject({
      status: "closed", agent: { id: "a", name: "Anna" }, tags: ["vip"], rating: 5,
      reads: { visitor: 4 }, page: { url: "https://x/" },
    });
  });

  it("keeps a rating when the conversation is opened again", () => {
    const { log, conversation } = told();
    log.command(AGENT, { op: "reopen", id: "o1", conversation });
    expect(fold(blank(conversation), log.stream(`conversation-${conversation}`))).toMatchObject({ status: "open", rating: 5 });
  });

  it("is the same in one batch or in many, and leaves what it was given alone", () => {
    const { conversation, events } = told();
    const before = blank(conversation);
    const steps = events.reduce((view, event) => fold(view, [event]), before);
    expect(steps).toEqual(fold(before, events));
    expect(before).toEqual(blank(conversation));
  });

  it("passes over types it does not know", () => {
    const { conversation, events } = told();
    const strange = { ...events[0]!, type: "conversation.sung", version: 99 };
    expect(fold(blank(conversation), [...events, strange])).toEqual(fold(blank(conversation), events));
  });

  it("shows nothing of what was erased", () => {
    const { conversation, events } = told();
    const erased = events.map((event): LogEvent => ({ ...event, data: null, erased: true }));
    expect(JSON.stringify(fold(blank(conversation), erased))).not.toContain("hello");
    const late = { ...events[0]!, type: "conversation.erased", data: null, version: 99 };
    expect(JSON.stringify(fold(blank(conversation), [...events, late]).lines)).not.toContain("hello");
  });

  it("says of what is damaged that it is, and not that it was a file", () => {
    const { conversation, events } = told();
    const damaged = events.map((event): LogEvent => ({ ...event, data: null, damaged: true }));
    const spoken = fold(blank(conversation), damaged).lines.filter((line) => line.kind !== "system");
    expect(spoken.map(({ text, erased, damaged }) => ({ text, erased, damaged }))).toEqual(Array(3).fill({ text: "", erased: undefined, damaged: true }));
  });

  it("leaves nobody serving after a transfer to a department", () => {
    const { conversation, events } = told();
    const moved = { ...events[0]!, type: "conversation.transferred", data: { department: "sales" }, version: 99 };
    expect(fold(blank(conversation), [...events, moved])).toMatchObject({ agent: null, department: "sales" });
  });

  it("can be cut short and made whole again", () => {
    const { conversation, events } = told();
    const whole = fold(blank(conversation), events);
    const short = trim(whole, 2);
    expect(short.lines.length).toBe(2);
    expect(prepend(short, events, 0)).toEqual(whole);
  });
});

describe("thread", () => {
  it("says of each own message how far it came", () => {
    const { conversation, events } = told();
    const items = thread(fold(blank(conversation), events), [], [], { role: "agent", id: "a" });
    const states = Object.fromEntries(items.map((item) => [item.id, item.state]));
    expect(states).toMatchObject({ m1: "theirs", m2: "read", n1: "sent" });
  });

  it("says of one's own words whether the other side has them, until it has read them", () => {
    const { log, conversation } = told();
    const mine = (): string | undefined => {
      const view = fold(blank(conversation), log.stream(`conversation-${conversation}`));
      return thread(view, [], [], { role: "visitor", id: "v" }).find((item) => item.id === "m1")?.state;
    };
    expect(mine()).toBe("sent");
    log.command(AGENT, { op: "reopen", id: "o", conversation });
    log.command(AGENT, { op: "delivered", id: "d", conversation, upto: 2 });
    expect(mine()).toBe("delivered");
    log.command(AGENT, { op: "read", id: "r", conversation, upto: 2 });
    expect(mine()).toBe("read");
  });

  it("counts what the other side said and this one has not read", () => {
    const { conversation, events } = told();
    const view = fold(blank(conversation), events.slice(0, 4));
    expect(unread(view, { role: "visitor", id: "v" })).toBe(1);
    expect(unread(view, { role: "agent", id: "a" })).toBe(1);
    expect(lastVersion(view, "visitor")).toBe(4);
  });
});
