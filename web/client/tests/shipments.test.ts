/** Files on their way up outlive the page: gone on with once, by one tab, and called off from any. */
import { effect, signal, type Signal } from "@preact/signals-core";
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { FakeLog } from "../../dev/fake-log";
import { FakeWorld, seeded } from "../../dev/fake-world";
import { openBlobs, PageBlobs, type Blobs } from "../blobs";
import { openDb } from "../db";
import { ApiError } from "../http";
import { Outbox } from "../outbox";
import { LEFT } from "../parcels";
import { inherited, type Entry } from "../queue";
import { Shipments } from "../shipments";
import { Lease, type Tabs } from "../tabs";
import type { StoredFile, Wishes } from "../uploads";

const BEGUN = { file: "f1", chunk_bytes: 4 };
const STORED: StoredFile = { file: "f1", name: "a.txt", media_type: "text/plain", size: 5, thumbnail: false };

let disk: IDBFactory;
let tabs: Page[];
/** So many turns are not to be had. */
let refused: number;
beforeEach(() => {
  disk = new IDBFactory();
  tabs = [];
  refused = 0;
});

interface Try {
  wishes: Wishes;
  text: string;
  end(error?: Error): void;
}

/** One page over the disk that all share; what is sent stays under way until the test says how it ends. */
class Page {
  readonly tries: Try[] = [];
  readonly shipments: Shipments;
  ear: (note: unknown) => void = () => {};

  constructor(readonly outbox: Outbox, blobs: Blobs, neighbours: Tabs, readonly world: FakeWorld, readonly actor: Signal<string>) {
    const harbour = { outbox, blobs, tabs: neighbours, world, actor, conversation: signal<string | null>("c1") };
    this.shipments = new Shipments({ ...harbour, carrier: async () => ({ upload: (file, wishes) => this.upload(file, wishes) }) });
  }

  private async upload(file: File, wishes: Wishes): Promise<StoredFile> {
    const text = await file.text();
    if (!wishes.begun) await wishes.onBegun!(BEGUN);
    wishes.onProgress!(2, 5);
    return new Promise((resolve, reject) => {
      const end = (error?: Error) => (error ? reject(error) : resolve(STORED));
      wishes.signal!.addEventListener("abort", () => reject(new ApiError(0, "aborted")));
      this.tries.push({ wishes, text, end });
    });
  }
}

/** All pages look at one clock, as those of one machine do. */
const clock = new FakeWorld(new FakeLog(), () => null, seeded(1));

async function open(name = "v1", kept?: Blobs): Promise<Page> {
  const actor = signal(name);
  const world = new FakeWorld(new FakeLog(), () => null, seeded(1));
  world.now = () => clock.now();
  const db = await openDb("p", disk);
  const lease = new Lease(db, world);
  const neighbours: Tabs = {
    alone: async (name, work) => (name.startsWith("file:") && refused-- > 0 ? Promise.reject(new Error("no turn")) : lease.alone(name, work)),
    tell: (note) => tabs.forEach((page) => page !== made && page.ear(note)),
    hear: () => {},
  };
  const line = { online: () => false, send: () => false, renew: () => {} };
  const outbox = new Outbox(db, world, neighbours, line, { role: "visitor", actor, seen: () => undefined, settled: () => {} });
  const made: Page = new Page(outbox, kept ?? (await openBlobs("p", disk)), neighbours, world, actor);
  made.ear = (note) => outbox.heard(note);
  tabs.push(made);
  await outbox.refresh();
  return made;
}

const rows = async (): Promise<Entry[]> => (await openDb("p", disk)).all<Entry>("outbox");
const under = (page: Page) => vi.waitFor(() => expect(page.tries.length).toBeGreaterThan(0), { timeout: 5_000 });

async function sending(): Promise<Page> {
  const page = await open();
  page.shipments.add(new File(["hello"], "a.txt"), null, { channel: "widget" });
  await under(page);
  return page;
}

describe("a file on its way up", () => {
  it("goes on by the next page where it was, and is one message in the end, whose bytes are let go", async () => {
    const first = await sending();
    expect(await rows()).toMatchObject([{ op: "post", awaits: { name: "a.txt", size: 5, begun: BEGUN } }]);
    const second = await open();
    expect(second.outbox.progress.value).toEqual({});
    first.tries[0]!.wishes.onProgress!(3, 5);
    expect(Object.values(second.outbox.progress.value)).toEqual([0.6]);
    expect(second.tries).toEqual([]);
    first.shipments.stop();
    await under(second);
    expect(first.tries[0]!.wishes.signal!.reason).toBe(LEFT);
    expect(second.tries[0]).toMatchObject({ text: "hello", wishes: { begun: BEGUN } });
    second.tries[0]!.end();
    await vi.waitFor(async () => expect(await rows()).toMatchObject([{ op: "post", conversation: "c1", fields: { body: { file: "f1" } }, shown: { name: "a.txt" } }]));
    await vi.waitFor(async () => expect(await (await openBlobs("p", disk)).keys()).toEqual([]));
    expect((await rows())[0]).not.toHaveProperty("awaits");
    const third = await open();
    await third.shipments.sweep();
    expect(third.tries).toEqual([]);
  });

  it("goes behind those that were chosen before it, however long they take to be kept", async () => {
    let kept = () => {};
    const slow = new PageBlobs();
    const keep = slow.keep.bind(slow);
    slow.keep = async (key, file) => {
      if (file.name === "large") await new Promise<void>((go) => (kept = go));
      await keep(key, file);
    };
    const page = await open("v1", slow);
    for (const name of ["large", "small"]) page.shipments.add(new File([name], name), "c1", {});
    await vi.waitFor(() => expect(page.outbox.pending.value.map((row) => row.awaits!.name)).toEqual(["large", "small"]));
    kept();
    await under(page);
    page.tries[0]!.end();
    await vi.waitFor(() => expect(page.tries.map(({ text }) => text)).toEqual(["large", "small"]));
    page.tries[1]!.end();
    await vi.waitFor(async () => expect((await rows()).filter((row) => row.awaits)).toEqual([]));
    await vi.waitFor(() => expect(page.outbox.progress.value).toEqual({}));
  });

  it("is gone on with where no turn was to be had, and by another tab where this one has been put to sleep", async () => {
    refused = 1;
    const first = await sending();
    const asleep: (() => void)[] = [];
    first.world.after = (_ms, call) => (asleep.push(call), () => {});
    const second = await open();
    await under(second);
    expect(second.tries[0]).toMatchObject({ text: "hello", wishes: { begun: BEGUN } });
    asleep.forEach((call) => call());
    await vi.waitFor(() => {
      first.tries[0]!.wishes.onProgress!(4, 5);
      expect(first.tries[0]!.wishes.signal!.reason).toBe(LEFT);
    });
    second.tries[0]!.end();
    await vi.waitFor(async () => expect(await rows()).toMatchObject([{ fields: { body: { file: "f1" } } }]));
  });

  it("is called off from any tab, and then taken back", async () => {
    const first = await sending();
    const second = await open();
    const [{ key }] = (await rows()) as [Entry];
    await second.shipments.drop(key);
    await vi.waitFor(() => expect(first.tries[0]!.wishes.signal!.aborted).toBe(true));
    expect(first.tries[0]!.wishes.signal!.reason).not.toBe(LEFT);
    expect(await rows()).toEqual([]);
  });

  it("whose bytes found no room says after the page that it was not sent; a refusal stays until it is seen", async () => {
    const page = await open("v1", new PageBlobs());
    page.shipments.add(new File(["hello"], "a.txt"), "c1", {});
    await under(page);
    page.shipments.stop();
    const next = await open();
    const codes: (string | undefined)[] = [];
    effect(() => void codes.push(next.outbox.pending.value[0]?.refused?.code));
    await vi.waitFor(() => expect(codes.at(-1)).toBe("lost"), { timeout: 5_000 });
    await next.shipments.drop((await rows())[0]!.key);
    next.shipments.add(new File(["hello"], "a.txt"), "c1", {});
    await under(next);
    next.tries[0]!.end(new ApiError(415, "type_mismatch"));
    await vi.waitFor(() => expect(codes.at(-1)).toBe("type_mismatch"));
    await next.shipments.again((await rows())[0]!.key);
    await vi.waitFor(() => expect(next.tries).toHaveLength(2));
    await next.shipments.forget();
    expect(await rows()).toEqual([]);
  });

  it("goes on under another name, where its writer turns out to be known here", async () => {
    const page = await sending();
    await page.outbox.change((all) => inherited(all, "v1", "v2"));
    page.actor.value = "v2";
    await page.outbox.refresh();
    page.tries[0]!.end(new ApiError(404, "not_found"));
    await vi.waitFor(() => expect(page.tries).toHaveLength(2), { timeout: 5_000 });
    expect(await rows()).toMatchObject([{ actor: "v2", awaits: { name: "a.txt" } }]);
    page.shipments.stop();
  });

  it("is of whoever this browser is from now on; of somebody else it waits, and not for ever", async () => {
    const first = await sending();
    first.shipments.stop();
    const [row] = (await rows()) as [Entry];
    expect(inherited([row], "v1", "v2")).toMatchObject([{ put: { actor: "v2", conversation: null, awaits: { name: "a.txt" } } }]);
    const other = await open("v2");
    await other.shipments.sweep();
    expect([other.tries, (await rows()).length]).toEqual([[], 1]);
    await other.outbox.change((all) => all.map((one) => ({ put: { ...one, at: "2000-01-01T00:00:00Z" } })));
    expect(await (await openBlobs("p", disk)).keys()).toHaveLength(1);
    // As soon as anybody comes.
    other.actor.value = "v3";
    await vi.waitFor(async () => expect([await rows(), await (await openBlobs("p", disk)).keys()]).toEqual([[], []]));
  });
});
