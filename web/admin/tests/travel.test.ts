/** Back in time: a moment is the fold of what had happened, no more and no less. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fold } from "../../client/transcript";
import type { LogEvent } from "../../client/types";
import { FakeOffice } from "../../dev/fake-office";
import { asVisitor, forgotten, indexOf, marksAt, momentOf } from "../state/travel";

const office = new FakeOffice();
const id = office.conversation;
const EVENTS = office.log.events.filter((event) => event.stream === `conversation-${id}`);
const at = (index: number) => momentOf(id, EVENTS.slice(0, index));
const typed = (type: string): number => EVENTS.findIndex((event) => event.type === type) + 1;

describe("a moment", () => {
  it("and the events after it give the later moment", () => {
    const index = fc.integer({ min: 0, max: EVENTS.length });
    fc.assert(fc.property(index, index, (one, other) => {
      const [early, late] = [Math.min(one, other), Math.max(one, other)];
      expect(fold(at(early).view, EVENTS.slice(early, late))).toEqual(at(late).view);
    }));
  });

  it("knows who served, which tags there were and whether it was open, then", () => {
    const tagged = at(typed("conversation.tagged")).view;
    expect([tagged.agent?.id, tagged.tags, tagged.status]).toEqual(["a1", ["shipping", "refund"], "open"]);
    expect(at(typed("conversation.tagged") - 1).view.tags).toEqual([]);
    expect(at(typed("conversation.transferred")).view.agent?.id).toBe("a2");
    expect(at(EVENTS.length).view.status).toBe("closed");
  });

  it("knows how far each had read, and how much that left out", () => {
    const answered = EVENTS.findIndex((event) => event.type === "message.posted" && event.actor.id === "a1") + 1;
    const readers = Object.fromEntries(at(answered).readers.map((reader) => [reader.id, reader]));
    const visitor = EVENTS[0]!.actor.id;
    expect(readers["a1"]).toMatchObject({ upto: 2, unread: 0 });
    expect(readers[visitor]).toMatchObject({ upto: 0, at: null, unread: 1 });
    expect(at(answered + 1).readers.find((reader) => reader.id === visitor)).toMatchObject({ upto: 5, unread: 0, at: EVENTS[answered]!.at });
  });

  it("never has anybody read less than before", () => {
    const all = EVENTS.slice(0, 4);
    const late: LogEvent = { ...EVENTS[3]!, version: 99, at: "2099-01-01T00:00:00Z", data: { upto: 1 } };
    expect(momentOf(id, [...all, late]).readers).toEqual(momentOf(id, all).readers);
  });

  it("marks the line to which somebody had come, each reader once", () => {
    const marks = [...marksAt(at(EVENTS.length)).values()].flat();
    expect(marks.map((reader) => reader.id).sort()).toEqual([...new Set(marks.map((reader) => reader.id))].sort());
    expect(marks).toHaveLength(3);
  });

  it("shows what was erased since as erased, at any time before", () => {
    const erased: LogEvent[] = EVENTS.map((event) => ({ ...event, data: null, erased: true }));
    const moment = momentOf(id, erased.slice(0, 5));
    expect(moment.view.lines.every((line) => line.erased && line.text === "")).toBe(true);
  });
});

it("shows nothing of what was erased while somebody looked, at no moment", () => {
  const erasure: LogEvent = { ...EVENTS[0]!, id: "e", type: "conversation.erased", version: 99, actor: { role: "system", id: "s" }, data: {} };
  const held = forgotten([...EVENTS, erasure]);
  for (let index = 1; index <= held.length; index++) {
    const moment = momentOf(id, held.slice(0, index));
    expect(JSON.stringify(moment)).not.toMatch(/parcel|Vera|carrier|refund|friendly/);
  }
  expect(momentOf(id, held).view.status).toBe("erased");
  expect(forgotten(EVENTS)).toBe(EVENTS);
});

describe("the visitor's eyes", () => {
  it("see no note, no tag, no department, no site, and no read of an agent who did not serve", () => {
    const theirs = asVisitor(EVENTS);
    expect(theirs.map((event) => event.type)).not.toContain("note.added");
    expect(theirs.map((event) => event.type)).not.toContain("conversation.tagged");
    const stray: LogEvent = { ...EVENTS[3]!, type: "message.read", actor: { role: "agent", id: "a9" }, data: { upto: 1 } };
    expect(asVisitor([...EVENTS.slice(0, 3), stray])).toHaveLength(3);
    const moved: LogEvent = { ...EVENTS[0]!, type: "conversation.transferred", data: { agent: "a2", name: "Luis", department: "vip-desk" } };
    const begun: LogEvent = { ...EVENTS[0]!, data: { visitor: "v", page: { url: "https://x/" }, department: "vip-desk", site: "s-1" } };
    expect(asVisitor([begun, moved]).map((event) => event.data)).toEqual([{ visitor: "v", page: { url: "https://x/" } }, { agent: "a2", name: "Luis" }]);
    expect(asVisitor([{ ...moved, data: null, erased: true }])[0]!.data).toBeNull();
    expect(theirs.filter((event) => event.type === "message.read" && event.actor.role === "agent").map((event) => event.actor.id)).toEqual(["a1", "a2"]);
  });
});

it("a version stands for all that had happened by then", () => {
  expect(indexOf(EVENTS, null)).toBe(EVENTS.length);
  for (let index = 1; index <= EVENTS.length; index++) expect(indexOf(EVENTS, EVENTS[index - 1]!.version)).toBe(index);
  expect(indexOf(EVENTS, 0)).toBe(1);
  expect(indexOf(EVENTS, 1e9)).toBe(EVENTS.length);
});
