/** Who the visitor is: coming back, being identified, and words that stay their writer's. */
import { IDBFactory } from "fake-indexeddb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeLog } from "../../dev/fake-log";
import { FakeWorld, seeded } from "../../dev/fake-world";
import { openDb, type Db } from "../db";
import type { Identity } from "../door";
import type { Entry } from "../queue";
import { Lease, noTabs, type Tabs } from "../tabs";
import type { Actor } from "../types";
import { Visitor } from "../visitor";

interface Asked {
  resume?: string;
  identity?: Identity;
}

let log: FakeLog;
let world: FakeWorld;
let db: Db;
let asked: Asked[];
let dead: Set<string>;
let used: Set<string>;
let visitors: Visitor[];
/** What the door waits for before it answers. */
let delay: Promise<void> | undefined;

const whois = (token: string): Actor | null => (token ? { role: "visitor", id: token } : null);

/** The door: a secret names its visitor, a user is always the same visitor, others are new. */
function door(sent: Asked): [number, unknown] {
  asked.push(sent);
  if (sent.identity?.signature === "bad") return [401, { code: "bad_signature" }];
  if (sent.identity && used.has(sent.identity.nonce)) return [401, { code: "nonce_used" }];
  if (sent.identity) used.add(sent.identity.nonce);
  const known = sent.resume && !dead.has(sent.resume) ? sent.resume.replace("resume-", "") : null;
  const visitor = sent.identity ? `user-${sent.identity.user}` : (known ?? `anon-${asked.length}`);
  const item = [...log.items.values()].filter((one) => one.visitor === visitor).at(-1);
  const conversation = item ? { id: item.id, version: item.version, version_mark: item.version_mark } : null;
  return [200, { token: visitor, visitor, conversation, ws: "", expires_at: "2999-01-01T00:00:00Z", resume: `resume-${visitor}` }];
}

beforeEach(async () => {
  log = new FakeLog();
  world = new FakeWorld(log, whois, seeded(1));
  db = await openDb("p", new IDBFactory());
  asked = [];
  dead = new Set();
  used = new Set();
  visitors = [];
  delay = undefined;
  vi.stubGlobal("fetch", async (_url: string, init: RequestInit) => {
    if (world.offline) throw new TypeError("offline");
    if (init.method === "DELETE") {
      dead.add((JSON.parse(String(init.body)) as Asked).resume!);
      return new Response(null, { status: 204 });
    }
    const [status, body] = door(JSON.parse(String(init.body)) as Asked);
    await delay;
    return new Response(JSON.stringify(body), { status });
  });
});

afterEach(() => {
  visitors.forEach((visitor) => visitor.client.stop());
  vi.unstubAllGlobals();
});

async function arrive(identity?: Identity, tabs: Tabs = noTabs): Promise<Visitor> {
  const visitor = new Visitor({ base: "", site: "s", locale: "en", page: () => ({ url: "https://x/" }) }, db, world, tabs);
  visitors.push(visitor);
  await visitor.start(identity);
  return visitor;
}

const signed = (user: string, signature = "good"): Identity => ({ user, timestamp: 1, nonce: `${user} ${signature}`, signature });

const said = () =>
  log.events.filter((event) => event.type === "message.posted").map((event) => [event.actor.id, (event.data!["body"] as { text: string }).text]);

const sent = (expected: string[][]) => vi.waitFor(() => expect(said()).toEqual(expected), { timeout: 4000 });

describe("a visitor", () => {
  it("comes back by the kept secret, to the same conversation", async () => {
    const first = await arrive();
    await first.say({ text: "hello" });
    await sent([["anon-1", "hello"]]);
    await vi.waitFor(() => expect(first.conversation.value).not.toBeNull());
    first.client.stop();
    const again = await arrive();
    await vi.waitFor(() => expect(again.client.phase.value).toBe("online"));
    expect(asked.at(-1)?.resume).toBe("resume-anon-1");
    expect(again.conversation.value).toBe(first.conversation.value);
  });

  it("may write before anything is known, and the words are theirs", async () => {
    world.offline = true;
    const visitor = await arrive();
    await visitor.say({ text: "early" });
    world.offline = false;
    visitor.client.wake();
    await sent([["anon-1", "early"]]);
  });

  it("sends words written as A under A, though the page now says B", async () => {
    const first = await arrive();
    await vi.waitFor(() => expect(first.client.phase.value).toBe("online"));
    world.halfOpen = true;
    await first.say({ text: "as A" });
    first.client.stop();
    world.halfOpen = false;
    const second = await arrive(signed("bea"));
    await second.say({ text: "as B" });
    await vi.waitFor(() => expect(said().sort()).toEqual([["anon-1", "as A"], ["user-bea", "as B"]]), { timeout: 4000 });
    await vi.waitFor(async () => expect(await db.all<Entry>("outbox")).toEqual([]));
  });

  it("exchanges an identity once, then comes back by the secret that it bought", async () => {
    const first = await arrive(signed("bea"));
    await vi.waitFor(() => expect(first.client.actor.value).toBe("user-bea"));
    first.client.stop();
    const second = await arrive(signed("bea"));
    await vi.waitFor(() => expect(second.client.phase.value).toBe("online"));
    expect(asked.at(-1)).toMatchObject({ resume: "resume-user-bea" });
    expect(asked.at(-1)?.identity).toBeUndefined();
  });

  it("with a bad identity is a stranger, not the last user of this browser", async () => {
    const first = await arrive(signed("bea"));
    await vi.waitFor(() => expect(first.client.actor.value).toBe("user-bea"));
    first.client.stop();
    const second = await arrive(signed("carl", "bad"));
    await vi.waitFor(() => expect(second.client.actor.value).toMatch(/^anon-/));
    expect(second.conversation.value).toBeNull();
  });

  it("who is another user than the one before finds no file of theirs; who was nobody takes theirs along", async () => {
    const visitor = await arrive();
    await vi.waitFor(() => expect(visitor.client.phase.value).toBe("online"));
    await visitor.client.outbox.put("post", null, {}, { awaits: { name: "a.pdf", size: 9 } });
    await visitor.identify(signed("ada"));
    await vi.waitFor(() => expect(visitor.client.outbox.pending.value).toMatchObject([{ actor: "user-ada", awaits: { name: "a.pdf" } }]));
    await visitor.identify(signed("bea"));
    await vi.waitFor(() => expect(visitor.client.actor.value).toBe("user-bea"));
    expect(await db.all<Entry>("outbox")).toEqual([]);
  });

  it("keeps unsent words when the secret is good no more", async () => {
    const first = await arrive();
    await vi.waitFor(() => expect(first.client.phase.value).toBe("online"));
    world.halfOpen = true;
    await first.say({ text: "kept" });
    first.client.stop();
    world.halfOpen = false;
    dead.add("resume-anon-1");
    await arrive();
    await sent([["anon-2", "kept"]]);
  });

  it("whose identity was stale once is known as soon as it is good", async () => {
    const first = await arrive(signed("bea", "bad"));
    await vi.waitFor(() => expect(first.client.actor.value).toMatch(/^anon-/));
    first.client.stop();
    const second = await arrive(signed("bea"));
    await vi.waitFor(() => expect(second.client.actor.value).toBe("user-bea"));
  });

  it("whose secret is good no more shows the identity again before being a stranger", async () => {
    const first = await arrive(signed("bea"));
    await vi.waitFor(() => expect(first.client.actor.value).toBe("user-bea"));
    first.client.stop();
    dead.add("resume-user-bea");
    const second = await arrive({ ...signed("bea"), nonce: "fresh" });
    await vi.waitFor(() => expect(second.client.phase.value).toBe("online"));
    expect(second.client.actor.value).toBe("user-bea");
    expect(asked.slice(1).map((one) => [one.resume, one.identity?.user])).toEqual([["resume-user-bea", undefined], [undefined, "bea"]]);
  });

  it("who signs out while the door is still answering is a stranger afterwards", async () => {
    const first = await arrive(signed("bea"));
    await first.say({ text: "private" });
    await sent([["user-bea", "private"]]);
    await vi.waitFor(() => expect(first.conversation.value).not.toBeNull());
    first.client.stop();
    let open = () => {};
    delay = new Promise((resolve) => (open = resolve));
    const second = await arrive();
    await vi.waitFor(() => expect(asked).toHaveLength(2));
    const left = second.signOut();
    open();
    await left;
    await vi.waitFor(() => expect(second.client.phase.value).toBe("online"));
    expect(second.client.actor.value).toMatch(/^anon-/);
    expect(second.conversation.value).toBeNull();
  });

  it("is one visitor, though three tabs come together for the first time", async () => {
    const turns = (): Tabs => {
      const lease = new Lease(db, world);
      return { ...noTabs, alone: (name, work) => lease.alone(name, work) };
    };
    const tabs = await Promise.all([1, 2, 3].map(() => arrive(undefined, turns())));
    for (const tab of tabs) await vi.waitFor(() => expect(tab.client.phase.value).toBe("online"), { timeout: 4000 });
    expect(new Set(tabs.map((tab) => tab.client.actor.value)).size).toBe(1);
  });

  it("who signs out leaves nothing behind for whoever sits there next", async () => {
    const visitor = await arrive(signed("bea"));
    await visitor.say({ text: "private" });
    await sent([["user-bea", "private"]]);
    await vi.waitFor(() => expect(visitor.conversation.value).not.toBeNull());
    await vi.waitFor(async () => {
      await visitor.client.books.flush();
      expect(JSON.stringify(await db.all("feeds"))).toContain("private");
    });
    await visitor.signOut();
    expect(await db.all("feeds")).toEqual([]);
    expect(JSON.stringify(await db.all("keep"))).not.toContain("bea");
    expect([...dead]).toEqual(["resume-user-bea"]);
  });

  it("who signs out with words unsent keeps the secret that they need", async () => {
    const visitor = await arrive(signed("bea"));
    await vi.waitFor(() => expect(visitor.client.phase.value).toBe("online"));
    world.halfOpen = true;
    await visitor.say({ text: "late" });
    world.offline = true;
    await visitor.signOut();
    world.halfOpen = world.offline = false;
    visitor.client.wake();
    await sent([["user-bea", "late"]]);
  });

  it("whom the page names at once, and again with the same words, is named once", async () => {
    const visitor = await arrive();
    await Promise.all([visitor.identify(signed("bea")), visitor.identify(signed("bea"))]);
    await visitor.identify(signed("bea"));
    await vi.waitFor(() => expect(visitor.client.phase.value).toBe("online"));
    await vi.waitFor(() => expect(visitor.client.actor.value).toBe("user-bea"));
    expect(asked.filter((one) => one.identity)).toHaveLength(1);
  });
});
