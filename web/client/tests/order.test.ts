/** What is typed has effect in the order typed, whatever answers are lost on the way back. */
import fc from "fast-check";
import { expect, it, vi } from "vitest";
import { FakeLog } from "../../dev/fake-log";
import { honest, type Mischief } from "../../dev/fake-socket";
import { FakeWorld, seeded } from "../../dev/fake-world";
import { Client } from "../client";
import { MemoryDb, type Db } from "../db";
import type { Entry } from "../queue";
import { noTabs } from "../tabs";
import type { Actor, ServerFrame } from "../types";

type Command = [op: string, fields: Record<string, unknown>];

const VISITOR: Actor = { role: "visitor", id: "v1" };
const AGENT: Actor = { role: "agent", id: "a1", name: "Anna" };

const command = (op: string, fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Command> => fc.tuple(fc.constant(op), fc.record(fields));

const words = fc.record({ text: fc.constantFrom("one", "two", "three") });
const both = [command("post", { body: words }), command("close", {}), command("read", { upto: fc.nat(5) })];
const agents = fc.oneof(
  ...both,
  command("post", { body: words, note: fc.constant(true) }),
  command("reopen", {}),
  command("tag", { tags: fc.constantFrom([], ["x"], ["y"]) }),
  command("assign", { agent: fc.constantFrom("a1", "a2") }),
  command("transfer", { agent: fc.constantFrom("a1", "a2") }),
);
const visitors = fc.oneof(...both, command("post", { body: words }), command("rate", { rating: fc.constantFrom(1, 5) }));

function begun(): { log: FakeLog; conversation: string } {
  const log = new FakeLog();
  log.command(VISITOR, { op: "start", id: "s", body: { text: "hello" } });
  return { log, conversation: [...log.items.keys()][0]! };
}

/** Everything that happened, less the ids that differ and the marks that only grow. */
const story = (log: FakeLog): unknown[] =>
  log.events
    .filter((event) => event.type !== "message.read")
    .map(({ type, data }) => JSON.stringify([type, { ...data, message: "", note: "" }]));

/** From some answer on, all that a socket would bring back is lost, and a moment later the socket is. */
function forgetful(world: FakeWorld, random: () => number): Mischief {
  let lost = false;
  const cut = (): void => {
    lost = false;
    world.cut();
  };
  const muteAnswer = (): boolean => {
    if (lost || random() > 0.3) return lost;
    setTimeout(cut, random() * 4);
    return (lost = true);
  };
  return { ...honest, muteAnswer, busy: () => random() < 0.05 };
}

async function started(actor: Actor, world: FakeWorld, db: Db): Promise<Client> {
  const client = new Client(actor.role, db, world, noTabs, {
    authorise: async () => ({ token: "", ws: "", expires_at: "", actor: actor.id }),
  });
  await client.become(actor.id);
  client.start();
  return client;
}

const settled = (db: Db): Promise<void> =>
  vi.waitFor(async () => expect((await db.all<Entry>("outbox")).filter((row) => !row.refused)).toEqual([]), { timeout: 8000, interval: 2 });

async function typed(actor: Actor, commands: Command[], seed: number): Promise<FakeLog> {
  const { log, conversation } = begun();
  const random = seeded(seed);
  const world = new FakeWorld(log, () => actor, () => 0.01);
  world.mischief = forgetful(world, random);
  const db = new MemoryDb();
  const client = await started(actor, world, db);
  for (const [op, fields] of commands) {
    await client.outbox.put(op, conversation, fields);
    if (random() < 0.1) await new Promise((go) => setTimeout(go, random() * 5));
  }
  await settled(db);
  client.stop();
  return log;
}

it.each([["an agent", AGENT, agents], ["a visitor", VISITOR, visitors]] as const)(
  "what %s typed is what happened, once and in order, over any loss of sockets",
  async (_who, actor, commands) => {
    const property = fc.asyncProperty(fc.array(commands, { minLength: 2, maxLength: 12 }), fc.nat(), async (all, seed) => {
      const { log, conversation } = begun();
      all.forEach(([op, fields], i) => log.command(actor, { op, id: `c${i}`, conversation, ...fields }));
      expect(story(await typed(actor, all, seed))).toEqual(story(log));
    });
    // The loss depends on the clock, so a smaller example proves nothing.
    await fc.assert(property, { numRuns: 60, endOnFailure: true });
  },
  60_000,
);

it("a lane that was held back is not opened by what another tab has had answered", async () => {
  const { log, conversation } = begun();
  log.command(AGENT, { op: "tag", id: "t", conversation, tags: ["x"] });
  const db = new MemoryDb();
  const held = new FakeWorld(log, () => AGENT, () => 0.01);
  let refusals = 0;
  const long = (frame: ServerFrame): ServerFrame[] => [frame.op === "error" ? { ...frame, retry_after_ms: 60_000 } : frame];
  held.mischief = { ...honest, out: long, busy: () => refusals++ === 0 };
  const one = await started(AGENT, held, db);
  await one.outbox.put("tag", conversation, { tags: ["x"] });
  await vi.waitFor(() => expect(refusals).toBe(1));
  const two = await started(AGENT, new FakeWorld(log, () => AGENT, () => 0.01), db);
  await two.outbox.put("tag", conversation, { tags: ["y"] });
  await settled(db);
  two.stop();
  await one.outbox.put("post", conversation, { body: { text: "later" } });
  await settled(db);
  one.stop();
  expect(log.items.get(conversation)!.tags).toEqual(["y"]);
});
