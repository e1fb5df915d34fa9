/** The law of the list: a loaded view and the events after it give the view of later. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FakeLog } from "../../dev/fake-log";
import type { Actor } from "../../client/types";
import { select } from "../state/filter";
import { follow, isUnread, merge, paths, unreadCount, type Item, type Items } from "../state/inbox";

const VISITORS: Actor[] = [{ role: "visitor", id: "v1", name: "Vera" }, { role: "visitor", id: "v2", name: null }];
const AGENTS: Actor[] = [{ role: "agent", id: "a1", name: "Anna" }, { role: "agent", id: "a2", name: "Luis" }];

const OPS = ["start", "post", "reply", "note", "read", "agentRead", "assign", "transfer", "tag", "close", "reopen", "rate"] as const;

function act(log: FakeLog, op: (typeof OPS)[number], n: number): void {
  const items = [...log.items.values()];
  const item = items[n % Math.max(1, items.length)];
  const visitor = VISITORS.find((one) => one.id === item?.visitor) ?? VISITORS[n % 2]!;
  const agent = AGENTS[n % 2]!;
  const conversation = item?.id;
  const id = log.newId();
  if (op === "start" || !conversation) log.command(VISITORS[n % 2]!, { op: "start", id, body: { text: `s${n}` } });
  else if (op === "post") log.command(visitor, { op: "post", id, conversation, body: { text: `p${n}` } });
  else if (op === "reply") log.command(agent, { op: "post", id, conversation, body: { text: `r${n}` } });
  else if (op === "note") log.command(agent, { op: "post", id, conversation, body: { text: "n" }, note: true });
  else if (op === "read") log.command(visitor, { op: "read", id, conversation, upto: n });
  else if (op === "agentRead") log.command(agent, { op: "read", id, conversation, upto: n });
  else log.command(op === "rate" ? visitor : agent, { op, id, conversation, tags: [`t${n}`], rating: 1 + (n % 5), agent: agent.id });
}

const loaded = (log: FakeLog): Item[] => structuredClone([...log.items.values()]) as Item[];

/** What both sides of the law are held to: names come from elsewhere, times from the wall. */
function essence(items: Items): unknown {
  return [...items.values()]
    .map(({ id, status, assignee, tags, last, rating, last_message_version, last_visitor_version, version, reads, visitor_read }) => ({
      id, status, assignee, tags, last, rating, last_message_version, last_visitor_version, version, reads, visitor_read,
    }))
    .sort((a, b) => a.id.localeCompare(b.id));
}

const script = fc.array(fc.tuple(fc.constantFrom(...OPS), fc.integer({ min: 0, max: 40 })), { maxLength: 40 });

describe("the list", () => {
  it("loaded early and followed is the list loaded late, also where the two overlap", () => {
    fc.assert(
      fc.property(script, fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 5 }), (steps, cut, overlap) => {
        const log = new FakeLog();
        steps.slice(0, cut).forEach(([op, n]) => act(log, op, n));
        const early = merge(new Map(), loaded(log));
        const asOf = log.events.length;
        steps.slice(cut).forEach(([op, n]) => act(log, op, n));
        const { items } = follow(early, log.events.slice(Math.max(0, asOf - overlap)));
        expect(essence(items)).toEqual(essence(merge(new Map(), loaded(log))));
      }),
      { numRuns: 200 },
    );
  });

  it("is not taken back by events that it has already", () => {
    const log = new FakeLog();
    act(log, "start", 0);
    act(log, "post", 0);
    act(log, "close", 0);
    const items = merge(new Map(), loaded(log));
    for (let upto = 1; upto <= log.events.length; upto++) {
      expect(essence(follow(items, log.events.slice(0, upto)).items)).toEqual(essence(items));
    }
  });

  it("asks for what came into sight without its beginning", () => {
    const log = new FakeLog();
    act(log, "start", 0);
    act(log, "reply", 1);
    const { items, unknown } = follow(new Map(), log.events.slice(-1));
    expect(items.size).toBe(0);
    expect([...unknown]).toEqual([...log.items.keys()].map((id) => [id, log.events.length]));
  });

  it("keeps the newer of what is here and what is loaded", () => {
    const log = new FakeLog();
    act(log, "start", 0);
    const old = loaded(log);
    act(log, "post", 0);
    const items = merge(merge(new Map(), loaded(log)), old);
    expect([...items.values()][0]!.last?.text).toBe("p0");
  });

  it("takes the later of two copies of one item, though nothing in it counts on", () => {
    const log = new FakeLog();
    act(log, "start", 0);
    const [item] = loaded(log);
    const items = merge(merge(new Map(), [item!]), [{ ...item!, visitor_name: "Vera B." }]);
    expect([...items.values()].map((one) => one.visitor_name)).toEqual(["Vera B."]);
  });

  it("keeps nothing of an erased conversation but that it was there, whatever still comes", () => {
    const log = new FakeLog();
    (["start", "tag", "rate", "post"] as const).forEach((op) => act(log, op, 0));
    const stream = log.events[0]!.stream;
    log.append(stream, AGENTS[0]!, [["conversation.erased", {}]]);
    log.append("visitor-v1", VISITORS[0]!, [["visitor.identified", { name: "Vera" }]]);
    const item = [...follow(new Map(), log.events).items.values()][0]!;
    expect(item).toMatchObject({ status: "erased", last: null, visitor_name: null, tags: [], rating: null });
    expect(isUnread(item, "a1")).toBe(false);
    expect(select(new Map([[item.id, item]]), { who: "all", status: "erased", department: "", text: "" }, "a1")).toHaveLength(1);
  });

  it("filters by whose, which and text, newest first", () => {
    const log = new FakeLog();
    act(log, "start", 0);
    act(log, "start", 1);
    act(log, "assign", 0);
    const items = merge(new Map(), loaded(log));
    const ids = (who: "mine" | "unassigned" | "all", text = "") => select(items, { who, status: "open", department: "", text }, "a1").map((item) => item.visitor);
    expect(ids("mine")).toEqual(["v1"]);
    expect(ids("unassigned")).toEqual(["v2"]);
    expect(ids("all", "vera")).toEqual(["v1"]);
  });

  it("counts as unread only what the visitor said after this agent read", () => {
    const log = new FakeLog();
    act(log, "start", 0);
    expect(isUnread(loaded(log)[0]!, "a1")).toBe(true);
    act(log, "agentRead", 40);
    expect(isUnread(loaded(log)[0]!, "a1")).toBe(false);
  });

  it("counts the unread that it has seen come, and says of others only that there are some", () => {
    const log = new FakeLog();
    act(log, "start", 0);
    const followed = (items: Items) => [...follow(items, log.events).items.values()][0]!;
    const loadedEarly = merge(new Map(), loaded(log));
    act(log, "post", 0);
    act(log, "post", 0);
    expect(unreadCount(followed(new Map()), "a1")).toBe(3);
    expect(unreadCount(followed(loadedEarly), "a1")).toBe(0);
    act(log, "agentRead", 0);
    log.command(AGENTS[0]!, { op: "read", id: log.newId(), conversation: [...log.items.keys()][0], upto: 2 });
    expect(unreadCount(followed(loadedEarly), "a1")).toBe(2);
  });

  it("remembers a bounded path of pages for each visitor", () => {
    const log = new FakeLog();
    for (let i = 0; i < 70; i++) log.command(VISITORS[0]!, { op: "page", id: log.newId(), page: { url: `https://x/${i}` } });
    const views = paths(new Map(), log.events).get("v1")!;
    expect([views.length, views.at(-1)!.page.url]).toEqual([50, "https://x/69"]);
    expect(paths(new Map([["v1", views]]), log.events.slice(-1)).get("v1")).toHaveLength(50);
    expect(paths(new Map([["v1", views.slice(-1)]]), log.events.slice(-1)).get("v1")).toHaveLength(1);
  });
});
