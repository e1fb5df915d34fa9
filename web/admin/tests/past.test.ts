/** The events of a conversation come whole, in order, and bounded; another conversation's never among them. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { LogEvent } from "../../client/types";
import type { Api } from "../state/api";
import { MOST, Past } from "../state/past";

beforeEach(() => void vi.useFakeTimers());
beforeEach(() => void vi.stubGlobal("document", { visibilityState: "visible" }));
afterEach(() => void (vi.useRealTimers(), vi.unstubAllGlobals()));

/** A server with conversations of so many events each. */
function past(lengths: Record<string, number>) {
  const api = {
    conversation: (id: string) => Promise.resolve({ id, visitor: "v", visitor_name: null, status: "open" }),
    events: (id: string, after: number, limit: number) => {
      const head = lengths[id]!;
      const upto = Math.min(head, after + limit);
      return Promise.resolve({ upto, head, events: Array.from({ length: upto - after }, (_, i) => ({ id: `${id}${after + i + 1}`, version: after + i + 1 }) as LogEvent) });
    },
  };
  return new Past(api as unknown as Api);
}

const versions = (one: Past): number[] => one.events.value.map((event) => event.version);

describe("the past", () => {
  it("is read page by page up to its head, and what comes then is added", async () => {
    const lengths = { a: 1_234 };
    const shown = past(lengths);
    shown.open("a");
    await vi.advanceTimersByTimeAsync(10);
    expect(versions(shown)).toEqual(Array.from({ length: 1_234 }, (_, i) => i + 1));
    expect(shown.state.value).toBe("ready");
    lengths.a = 1_236;
    await vi.advanceTimersByTimeAsync(6_000);
    expect(versions(shown).slice(-2)).toEqual([1_235, 1_236]);
    shown.leave();
    lengths.a = 1_240;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(versions(shown)).toEqual([]);
  });

  it("forgets what it holds, and the name too, once that is erased", async () => {
    const told: LogEvent[] = [{ id: "1", type: "message.posted", version: 1, data: { body: { text: "secret" } }, actor: { role: "visitor", id: "v", name: "Vera" } } as unknown as LogEvent];
    const shown = new Past({
      conversation: () => Promise.resolve({ id: "a", visitor: "v", visitor_name: "Vera", status: "open" }),
      events: (_id: string, after: number) => Promise.resolve({ upto: told.length, head: told.length, events: told.slice(after) }),
    } as unknown as Api);
    shown.open("a");
    await vi.advanceTimersByTimeAsync(10);
    expect(JSON.stringify([shown.events.value, shown.overview.value])).toMatch(/secret.*Vera/);
    told.push({ id: "2", type: "conversation.erased", version: 2, data: {}, actor: { role: "system", id: "s" } } as unknown as LogEvent);
    await vi.advanceTimersByTimeAsync(6_000);
    expect(JSON.stringify([shown.events.value, shown.overview.value])).not.toMatch(/secret|Vera/);
    shown.leave();
  });

  it("of the one that was left does not get into the next", async () => {
    const shown = past({ a: 900, b: 3 });
    shown.open("a");
    shown.open("b");
    await vi.advanceTimersByTimeAsync(10);
    expect(shown.events.value.map((event) => event.id)).toEqual(["b1", "b2", "b3"]);
    shown.leave();
  });

  it("is held to a bound, and says so", async () => {
    const shown = past({ a: MOST + 5_000 });
    shown.open("a");
    await vi.advanceTimersByTimeAsync(100);
    expect([shown.events.value.length, shown.cut.value, shown.state.value]).toEqual([MOST, true, "ready"]);
    shown.leave();
    expect(shown.cut.value).toBe(false);
  });

  it("has each event once, however fast one leaves and comes back", async () => {
    const waiting: (() => void)[] = [];
    const told = [{ id: "1", version: 1 }, { id: "2", version: 2 }] as LogEvent[];
    const shown = new Past({
      conversation: () => Promise.resolve({ id: "a", visitor: "v", visitor_name: null, status: "open" }),
      events: (_id: string, after: number) => new Promise((done) => waiting.push(() => done({ upto: 2, head: 2, events: told.slice(after) }))),
    } as unknown as Api);
    shown.open("a");
    await vi.advanceTimersByTimeAsync(10);
    shown.leave();
    shown.open("a");
    await vi.advanceTimersByTimeAsync(10);
    waiting.forEach((come) => come());
    await vi.advanceTimersByTimeAsync(10);
    expect(versions(shown)).toEqual([1, 2]);
    shown.leave();
  });

  it("forgets what it holds of one that is too long for it, too", async () => {
    let status = "open";
    const shown = new Past({
      conversation: () => Promise.resolve({ id: "a", visitor: "v", visitor_name: status === "open" ? "Vera" : null, status }),
      events: (_id: string, after: number, limit: number) => Promise.resolve({
        upto: after + limit, head: MOST + 9, events: Array.from({ length: limit }, (_, i) => ({ version: after + i + 1, data: { body: { text: "secret" } }, actor: { role: "visitor", id: "v" } })),
      }),
    } as unknown as Api);
    shown.open("a");
    await vi.advanceTimersByTimeAsync(100);
    expect([shown.cut.value, shown.events.value.length]).toEqual([true, MOST]);
    await vi.advanceTimersByTimeAsync(6_000);
    expect(JSON.stringify([shown.events.value[0], shown.overview.value])).toMatch(/secret.*Vera/);
    status = "erased";
    await vi.advanceTimersByTimeAsync(6_000);
    expect(JSON.stringify([shown.events.value, shown.overview.value])).not.toMatch(/secret|Vera/);
    shown.leave();
  });
});
