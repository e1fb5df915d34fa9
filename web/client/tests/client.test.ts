/** The whole client against the other end of the wire, with the line breaking in every way. */
import { IDBFactory } from "fake-indexeddb";
import { afterEach, describe, expect, it, vi } from "vitest";
import { FakeLog } from "../../dev/fake-log";
import { honest, type Mischief } from "../../dev/fake-socket";
import { FakeWorld, seeded } from "../../dev/fake-world";
import { Client } from "../client";
import { openDb, type Db } from "../db";
import type { Entry } from "../queue";
import { Lease, noTabs, type Tabs } from "../tabs";
import { thread } from "../thread";
import type { Actor, ServerFrame } from "../types";

const VISITOR: Actor = { role: "visitor", id: "v1" };
const AGENT: Actor = { role: "agent", id: "a1", name: "Anna" };
const running: Client[] = [];

afterEach(() => running.splice(0).forEach((client) => client.stop()));

const whois = (token: string): Actor | null => (token === "visitor" ? VISITOR : token === "agent" ? AGENT : null);

async function visitor(world: FakeWorld, db: Db, tabs: Tabs = noTabs): Promise<Client> {
  const client: Client = new Client("visitor", db, world, tabs, {
    authorise: async () => ({ token: "visitor", ws: "", expires_at: "", actor: VISITOR.id }),
    settled: ({ entry, answer }) => {
      if (entry.op === "start" && answer.op === "ack") void client.open(answer.conversation!);
    },
  });
  running.push(client);
  await client.become(VISITOR.id);
  client.start();
  return client;
}

function setup(seed = 1): { log: FakeLog; world: FakeWorld; factory: IDBFactory } {
  const log = new FakeLog();
  return { log, world: new FakeWorld(log, whois, seeded(seed)), factory: new IDBFactory() };
}

const say = (client: Client, text: string, conversation: string | null) =>
  client.outbox.put("post", conversation, { body: { text } });

const texts = (log: FakeLog): string[] =>
  log.events.filter((event) => event.type === "message.posted").map((event) => (event.data!["body"] as { text: string }).text);

const conversationOf = (log: FakeLog): string => [...log.items.keys()][0]!;

async function quiet(client: Client, db: Db): Promise<void> {
  await vi.waitFor(async () => {
    expect(await db.all<Entry>("outbox")).toEqual([]);
    expect(client.outbox.pending.value).toEqual([]);
  }, { timeout: 8000, interval: 10 });
}

const shown = (client: Client, conversation: string): string[] =>
  thread(client.books.get(conversation)!.value, client.outbox.pending.value, client.outbox.landed.value, VISITOR)
    .filter((item) => item.kind === "message")
    .map((item) => item.text);

describe("words on their way", () => {
  it("written before any connection go out once there is one, in order, in one conversation", async () => {
    const { log, world, factory } = setup();
    world.offline = true;
    const db = await openDb("p", factory);
    const client = await visitor(world, db);
    for (const text of ["one", "two", "three"]) await say(client, text, null);
    expect(client.outbox.pending.value.map((entry) => entry.op)).toEqual(["start", "post", "post"]);
    world.offline = false;
    client.wake();
    await quiet(client, db);
    expect(texts(log)).toEqual(["one", "two", "three"]);
    expect(log.items.size).toBe(1);
  });

  it("survive the death of the browser", async () => {
    const { log, world, factory } = setup();
    world.offline = true;
    const first = await visitor(world, await openDb("p", factory));
    await say(first, "kept", null);
    first.stop();
    world.offline = false;
    const db = await openDb("p", factory);
    await quiet(await visitor(world, db), db);
    expect(texts(log)).toEqual(["kept"]);
  });

  it("stay on screen exactly once from writing to reading", async () => {
    const { log, world, factory } = setup();
    const db = await openDb("p", factory);
    const client = await visitor(world, db);
    await say(client, "hello", null);
    await quiet(client, db);
    await vi.waitFor(() => expect(client.books.get(conversationOf(log))?.value.lines.length).toBeGreaterThan(0));
    const conversation = conversationOf(log);
    const states: string[] = [];
    const note = () => {
      const own = thread(client.books.get(conversation)!.value, client.outbox.pending.value, client.outbox.landed.value, VISITOR).filter((i) => i.text === "again");
      if (own.length !== 1) states.push(`${own.length} times`);
      else if (states.at(-1) !== own[0]!.state) states.push(own[0]!.state);
    };
    await say(client, "again", conversation);
    const undo = [client.outbox.pending.subscribe(note), client.outbox.landed.subscribe(note), client.books.get(conversation)!.subscribe(note)];
    await quiet(client, db);
    await vi.waitFor(() => expect(states.at(-1)).toBe("sent"));
    log.command(AGENT, { op: "read", id: "r", conversation, upto: 99 });
    await vi.waitFor(() => expect(states.at(-1)).toBe("read"));
    undo.forEach((stop) => stop());
    expect(states).toEqual(["sending", "sent", "read"]);
  });

  it("refused for good stay with the reason, and what follows still goes", async () => {
    const { log, world, factory } = setup();
    const db = await openDb("p", factory);
    const client = await visitor(world, db);
    await say(client, "x".repeat(10_001), null);
    await say(client, "fine", null);
    await vi.waitFor(() => expect(texts(log)).toEqual(["fine"]), { timeout: 4000 });
    await vi.waitFor(() => expect(client.outbox.pending.value.map((entry) => entry.refused?.code)).toEqual(["too_large"]));
    await client.outbox.discard(client.outbox.pending.value[0]!.key);
    expect(client.outbox.pending.value).toEqual([]);
  });
});

/** Frames split, repeated and dropped; answers lost; conversations busy. All by one seed. */
function mischief(random: () => number): Mischief {
  const ranges = (frame: ServerFrame): ServerFrame[] => {
    if (frame.op !== "events" || random() < 0.5) return [frame];
    if (random() < 0.3) return [];
    if (random() < 0.3) return [frame, frame];
    const middle = Math.floor((frame.after + frame.upto) / 2);
    const cut = (after: number, upto: number) => ({ ...frame, after, upto, events: frame.events.filter((e) => e.version > after && e.version <= upto) });
    return [cut(frame.after, middle), cut(frame.after, frame.upto), cut(middle, frame.upto)].filter((one) => one.after < one.upto);
  };
  return { out: ranges, muteAnswer: () => random() < 0.1, busy: () => random() < 0.15 };
}

describe("any number of faults", () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])("lose, double and reorder nothing (seed %i)", async (seed) => {
    const { log, world, factory } = setup(seed);
    const random = seeded(seed * 7919);
    world.mischief = mischief(random);
    const db = await openDb("p", factory);
    const client = await visitor(world, db);
    const expected: string[] = [];
    for (let i = 0; i < 25; i++) {
      expected.push(`m${i}`);
      await say(client, `m${i}`, [...client.books.open()][0] ?? null);
      if (random() < 0.3) await new Promise((go) => setTimeout(go, random() * 20));
      if (random() < 0.15) world.cut();
    }
    // Answers that never come are noticed by their absence; then the line gets better.
    await new Promise((go) => setTimeout(go, 50));
    world.mischief = honest;
    world.cut();
    await quiet(client, db);
    expect(texts(log)).toEqual(expected);
    await vi.waitFor(() => expect(shown(client, conversationOf(log))).toEqual(expected), { timeout: 4000 });
  });
});

describe("two tabs", () => {
  it("share one outbox and send each word once, in the order written", async () => {
    const { log, world, factory } = setup();
    const db = await openDb("p", factory);
    const ears: ((note: unknown) => void)[] = [];
    const tabs = (): Tabs => {
      const lease = new Lease(db, world);
      let own: (note: unknown) => void = () => {};
      return {
        alone: (name, work) => lease.alone(name, work),
        tell: (note) => ears.filter((ear) => ear !== own).forEach((ear) => setTimeout(() => ear(note), 0)),
        hear: (ear) => void ears.push((own = ear)),
      };
    };
    const [one, two] = [await visitor(world, db, tabs()), await visitor(world, db, tabs())];
    await say(one, "0", null);
    await quiet(one, db);
    const conversation = conversationOf(log);
    await Promise.all([one.open(conversation), two.open(conversation)]);
    for (let i = 1; i < 12; i++) await say(i % 2 ? one : two, String(i), conversation);
    await quiet(one, db);
    const expected = Array.from({ length: 12 }, (_, i) => String(i));
    expect(texts(log)).toEqual(expected);
    const ids = world.said.filter((frame) => frame.op === "post").map((frame) => frame.id);
    expect(new Set(ids).size).toBe(ids.length);
    await vi.waitFor(() => expect(shown(two, conversation)).toEqual(expected));
    await vi.waitFor(() => expect(two.outbox.pending.value).toEqual([]));
  });
});

describe("the line", () => {
  it("that is half open is given up, and what was said into it said again", async () => {
    const { log, world, factory } = setup();
    const db = await openDb("p", factory);
    const client = await visitor(world, db);
    await vi.waitFor(() => expect(client.phase.value).toBe("online"));
    world.halfOpen = true;
    await say(client, "heard?", null);
    await vi.waitFor(() => expect(client.phase.value).not.toBe("online"), { timeout: 4000 });
    world.halfOpen = false;
    await quiet(client, db);
    expect(texts(log)).toEqual(["heard?"]);
  });

  it("resumes from the kept offset after a restart, without a second copy", async () => {
    const { log, world, factory } = setup();
    const db = await openDb("p", factory);
    const client = await visitor(world, db);
    await say(client, "before", null);
    await quiet(client, db);
    const conversation = conversationOf(log);
    await vi.waitFor(() => expect(client.books.get(conversation)?.value.lines.some((line) => line.text === "before")).toBe(true));
    await client.books.flush();
    client.stop();
    log.command(AGENT, { op: "post", id: "x", conversation, body: { text: "meanwhile" } });
    const later = await visitor(world, await openDb("p", factory));
    await later.open(conversation);
    expect(shown(later, conversation)).toEqual(["before"]);
    await vi.waitFor(() => expect(shown(later, conversation)).toEqual(["before", "meanwhile"]));
    const asked = world.said.filter((frame) => frame.op === "hello" || frame.op === "subscribe").at(-1)!;
    expect(JSON.stringify(asked)).toContain("epoch-1/conversation-");
  });

  it("replays everything when the history is another one", async () => {
    const { log, world, factory } = setup();
    const db = await openDb("p", factory);
    const client = await visitor(world, db);
    await say(client, "old", null);
    await quiet(client, db);
    const conversation = conversationOf(log);
    await vi.waitFor(() => expect(shown(client, conversation)).toEqual(["old"]));
    log.epoch = "epoch-2";
    (log.stream(`conversation-${conversation}`).at(-1)!.data as { body: unknown }).body = { text: "new" };
    world.cut();
    await vi.waitFor(() => expect(shown(client, conversation)).toEqual(["new"]), { timeout: 4000 });
  });

  it("follows a conversation that is shut and opened again in one breath", async () => {
    const { log, world, factory } = setup();
    const db = await openDb("p", factory);
    const client = await visitor(world, db);
    await say(client, "one", null);
    await quiet(client, db);
    const conversation = conversationOf(log);
    await vi.waitFor(() => expect(shown(client, conversation)).toEqual(["one"]));
    client.shut(conversation);
    await client.open(conversation);
    log.command(AGENT, { op: "post", id: "x", conversation, body: { text: "two" } });
    await vi.waitFor(() => expect(shown(client, conversation)).toEqual(["one", "two"]));
  });
});
