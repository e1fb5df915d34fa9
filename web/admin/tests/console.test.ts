/** Where one is and the address that says so: the one at once, the other as often as a browser takes it. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { AgentSession } from "../../staff/api";
import type { Api } from "../state/api";
import { Console } from "../state/console";

const written: string[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  written.length = 0;
  vi.stubGlobal("location", { hash: "#/conversation/c1?at=1" });
  vi.stubGlobal("history", {
    replaceState: (_state: null, _title: string, hash: string) => void written.push(`replace ${hash}`),
    pushState: (_state: null, _title: string, hash: string) => void written.push(`push ${hash}`),
  });
});
afterEach(() => void (vi.useRealTimers(), vi.unstubAllGlobals()));

const at = (version: number) => ({ page: "conversation", id: "c1", at: version, said: null }) as const;

it("a slider that is dragged writes one address, when it stops", async () => {
  const shown = new Console({} as AgentSession, {} as Api);
  for (let version = 2; version <= 300; version++) {
    shown.go(at(version), true);
    expect(shown.place.value).toEqual(at(version));
    await vi.advanceTimersByTimeAsync(10);
  }
  expect(written).toEqual([]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(written).toEqual(["replace #/conversation/c1?at=300"]);
});

it("whoever goes on meanwhile comes back to where it stopped", async () => {
  const shown = new Console({} as AgentSession, {} as Api);
  shown.go(at(7), true);
  shown.go({ page: "search", asked: { q: "x" } });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(written).toEqual(["replace #/conversation/c1?at=7", "push #/search?q=x"]);
  expect(shown.place.value.page).toBe("search");
});
