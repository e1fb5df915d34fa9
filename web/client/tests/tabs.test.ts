/** Several tabs where the browser refuses what they are kept in step with. */
import { IDBFactory } from "fake-indexeddb";
import { afterEach, describe, expect, it, vi } from "vitest";
import { MemoryDb, SturdyDb, openDb, type Db } from "../db";
import { browserWorld } from "../ports";
import { Lease, browserTabs } from "../tabs";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const refuses = { request: async () => Promise.reject(new DOMException("sandboxed", "SecurityError")) };

describe("tabs", () => {
  it("do without a channel", () => {
    vi.stubGlobal("navigator", {});
    vi.stubGlobal("BroadcastChannel", undefined);
    const tabs = browserTabs("p", new MemoryDb(), browserWorld);
    tabs.hear(() => {});
    tabs.tell({ kind: "outbox" });
  });

  it("take turns by lease where locks are refused, and hand on what the work throws", async () => {
    vi.stubGlobal("navigator", { locks: refuses });
    const tabs = browserTabs("p", new MemoryDb(), browserWorld);
    let done = 0;
    await tabs.alone("send", async (still) => void (done += still() ? 1 : 0));
    expect(done).toBe(1);
    await expect(tabs.alone("send", () => Promise.reject(new Error("work")))).rejects.toThrow("work");
  });

  it("end a lease for good when the work ends, though it is being renewed just then", async () => {
    vi.useFakeTimers();
    const db = new MemoryDb();
    const sleep = (ms: number): Promise<void> => new Promise((go) => setTimeout(go, ms));
    const changed: Db["change"] = async (table, decide) => {
      await sleep(10);
      return db.change(table, decide);
    };
    const lease = new Lease({ all: (table) => db.all(table), get: (table, key) => db.get(table, key), change: changed }, browserWorld);
    // Taken at 10, begun at 20, renewed from 2020 to 2030; the work ends in between.
    const turn = lease.alone("send", () => sleep(2_005));
    await vi.advanceTimersByTimeAsync(10_000);
    await turn;
    expect(await db.all("keep")).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("the store", () => {
  it("is memory where the page may not even name IndexedDB", async () => {
    vi.stubGlobal("indexedDB", undefined);
    expect(await openDb("p")).toBeInstanceOf(MemoryDb);
    expect(await openDb("p", new IDBFactory())).not.toBeInstanceOf(MemoryDb);
  });

  it("keeps all that was written while the disk filled up, however much failed at once", async () => {
    const full: Db = { all: async () => [], get: async () => undefined, change: () => Promise.reject(new Error("full")) };
    const db = new SturdyDb(full);
    const keys = ["one", "two", "three"];
    await Promise.all(keys.map((key) => db.change("outbox", () => [{ put: { key } }])));
    expect((await db.all("outbox")).map((row) => row.key)).toEqual(keys);
  });
});
