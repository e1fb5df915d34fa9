/** Ids, pauses and pulses. */
import { describe, expect, it } from "vitest";
import { BACKOFF_CAP_MS, PATIENCE_MS, QUIET_MS, TICK_MS, backoff, examine } from "../pace";
import { uuid7 } from "../uuid";

describe("uuid7", () => {
  it("has its version and variant, and sorts by time", () => {
    const ids = [1, 1000, 1_800_000_000_000].map((now) => uuid7(now));
    expect(ids.every((id) => /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/.test(id))).toBe(true);
    expect([...ids].sort()).toEqual(ids);
  });

  it("puts the time where the standard says", () => {
    expect(uuid7(0x017f22e279b0, new Uint8Array(10))).toBe("017f22e2-79b0-7000-8000-000000000000");
  });
});

describe("backoff", () => {
  it("grows, is jittered over its whole range, and is bounded", () => {
    expect(backoff(0, () => 0)).toBe(0);
    expect(backoff(3, () => 0.5)).toBe(2000);
    expect(backoff(99, () => 1)).toBe(BACKOFF_CAP_MS);
    expect(backoff(0, () => 0, 3000)).toBe(3000);
  });
});

describe("examine", () => {
  const calm = { heard: 100_000, asked: null, asks: 0, ticked: 100_000 };

  it("asks after a quiet while, on doubt, and after a sleep", () => {
    expect(examine(calm, 100_000 + TICK_MS)).toBe("fine");
    expect(examine({ ...calm, ticked: 100_000 + QUIET_MS }, 100_001 + QUIET_MS)).toBe("ask");
    expect(examine(calm, 100_010, true)).toBe("ask");
    expect(examine(calm, 100_000 + 4 * TICK_MS)).toBe("ask");
  });

  it("gives up when nothing answers, but not for the time it slept", () => {
    const asked = { heard: 0, asked: 100_000, asks: 1, ticked: 100_000 + PATIENCE_MS };
    expect(examine(asked, 100_001 + PATIENCE_MS)).toBe("dead");
    expect(examine({ ...asked, ticked: 100_000 }, 900_000)).toBe("ask");
  });

  it("finds a dead socket in a background tab too, whose ticks come once a minute", () => {
    let pulse = { heard: 100_000, asked: null as number | null, asks: 0, ticked: 100_000 };
    const verdicts = [1, 2, 3].map((minute) => {
      const now = 100_000 + minute * 60_000;
      const verdict = examine(pulse, now);
      pulse = { ...pulse, asked: now, asks: pulse.asks + 1, ticked: now };
      return verdict;
    });
    expect(verdicts).toEqual(["ask", "ask", "dead"]);
  });
});
