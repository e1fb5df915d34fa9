// @vitest-environment happy-dom
/** A status that is chosen without a connection is said as soon as there is one; gone and back is told. */
import { signal } from "@preact/signals";
import { afterEach, expect, it, vi } from "vitest";
import type { LogEvent } from "../../client/types";
import type { Roster } from "../state/roster";
import type { Workspace } from "../state/settings";
import { Status } from "../state/status";

afterEach(() => vi.useRealTimers());

function made(say: (fields: { status: string }) => Promise<unknown>) {
  vi.useFakeTimers({ now: 1_000_000 });
  localStorage.clear();
  const own: { reason?: string | null } = {};
  const roster = { status: signal("online"), mine: () => own };
  const workspace = { settings: signal({ routing: { away_after_s: 0 } }), available: () => true };
  const told = { failed: vi.fn(), back: vi.fn() };
  const status = new Status("mia", roster as unknown as Roster, workspace as unknown as Workspace, say, told);
  status.watch(() => true, new AbortController().signal);
  return { roster, own, status, told };
}

it("says later what could not be said", async () => {
  let connected = false;
  const said: unknown[] = [];
  const { roster, status, told } = made((fields) => (connected ? Promise.resolve(said.push(fields)) : Promise.reject({ code: "disconnected" })));
  await status.choose("busy");
  expect([roster.status.value, said, told.failed.mock.calls]).toEqual(["busy", [], []]);
  connected = true;
  await vi.advanceTimersByTimeAsync(3_000);
  expect(said).toEqual([{ status: "busy" }]);
});

it("comes back from being gone once somebody is here, and tells it", async () => {
  const said: unknown[] = [];
  const { roster, status, told } = made((fields) => Promise.resolve(said.push(fields)));
  await vi.advanceTimersByTimeAsync(10_000);
  roster.status.value = "offline";
  status.heard({ type: "agent.status_changed", stream: "agent-mia", data: { status: "offline", automatic: true, reason: "gone" } } as unknown as LogEvent, "busy");
  await vi.advanceTimersByTimeAsync(10_000);
  expect(said).toEqual([]);
  dispatchEvent(new Event("pointermove"));
  await vi.advanceTimersByTimeAsync(1_500);
  expect(said).toEqual([{ status: "busy", automatic: true }]);
  expect(told.back.mock.calls).toEqual([["busy"]]);
});

it("comes back where it was taken for gone while no desk was open, not where offline was chosen elsewhere", async () => {
  for (const [reason, expected] of [["gone", [{ status: "busy", automatic: true }]], [null, []]] as const) {
    const said: unknown[] = [];
    const { roster, own, status } = made((fields) => Promise.resolve(said.push(fields)));
    await status.choose("busy");
    said.length = 0;
    roster.status.value = "offline";
    own.reason = reason;
    status.loaded();
    await vi.advanceTimersByTimeAsync(2_500);
    dispatchEvent(new Event("pointermove"));
    await vi.advanceTimersByTimeAsync(1_500);
    expect(said).toEqual(expected);
  }
});
