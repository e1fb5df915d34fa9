/** Only the last wish counts; a search goes on from where it stopped; a token that ran out is renewed once. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { Api, type Found } from "../state/api";
import { Latest } from "../state/latest";
import { Search, queryOf } from "../state/search";

afterEach(() => void vi.unstubAllGlobals());

const settled = () => new Promise((done) => setTimeout(done, 0));

describe("what is loaded", () => {
  it("is what was asked last, whatever comes first", async () => {
    const latest = new Latest<string>();
    let finish = (_text: string): void => {};
    const first = latest.load(() => new Promise((done) => (finish = done)));
    await latest.load(() => Promise.resolve("second"));
    finish("first");
    await first;
    expect(latest.now.value).toEqual({ state: "ready", value: "second" });
  });

  it("stays in sight while the next is on its way, and goes when that fails", async () => {
    const latest = new Latest<string>();
    await latest.load(() => Promise.resolve("old"));
    const failing = latest.load(() => Promise.reject(new Error("no")));
    expect(latest.now.value).toEqual({ state: "loading", value: "old" });
    await failing;
    expect(latest.now.value.state).toBe("failed");
    expect(latest.now.value.value).toBeUndefined();
  });

  it("has failed where it could not even be asked", async () => {
    const latest = new Latest<string>();
    await latest.load(() => { throw new RangeError("no such day"); });
    expect(latest.now.value.state).toBe("failed");
  });
});

describe("a search", () => {
  const page = (n: number, next: string | null): Found => ({ as_of: 1, items: [{ version: n } as Found["items"][0]], next, complete: next === null });

  it("goes on by its cursor, and keeps what it has", async () => {
    const asked: Record<string, string>[] = [];
    const api = { search: (query: Record<string, string>) => (asked.push(query), Promise.resolve(page(asked.length, asked.length < 2 ? "c1" : null))) };
    const search = new Search(api as unknown as Api);
    search.ask({ q: "refund", sender: "agent" });
    await settled();
    await search.goOn();
    await search.goOn();
    expect(asked).toEqual([{ q: "refund", sender: "agent", limit: "30" }, { q: "refund", sender: "agent", limit: "30", cursor: "c1" }]);
    expect(search.found.now.value.value).toMatchObject({ items: [{ version: 1 }, { version: 2 }], next: null, complete: true });
  });

  it("adds nothing of an earlier question to the answer of the next", async () => {
    let late = (_found: Found): void => {};
    const answers = [Promise.resolve(page(1, "c1")), new Promise<Found>((done) => (late = done)), Promise.resolve(page(7, null))];
    const search = new Search({ search: () => answers.shift()! } as unknown as Api);
    search.ask({ q: "one" });
    await settled();
    const more = search.goOn();
    search.ask({ q: "two" });
    await settled();
    late(page(2, null));
    await more;
    expect(search.found.now.value.value?.items).toEqual([{ version: 7 }]);
  });

  it("asks from the beginning of the first day to the end of the last", () => {
    const asked = queryOf({ q: "x", from: "2026-03-01", to: "2026-03-01" });
    expect(Date.parse(asked["to"]!) - Date.parse(asked["from"]!)).toBe(86_400_000);
    expect(queryOf({ q: "x", tag: "vip" })).toEqual({ q: "x", tag: "vip" });
  });

  it("for nothing asks nothing", () => {
    const search = new Search({ search: () => { throw new Error("asked"); } } as unknown as Api);
    search.ask({ q: "  " });
    expect(search.found.now.value).toEqual({ state: "idle" });
  });
});

describe("a token", () => {
  const answer = (status: number, body: object) => Promise.resolve(new Response(JSON.stringify(body), { status }));

  it("that ran out is bought anew by the cookie, and the question asked again", async () => {
    const calls: string[] = [];
    vi.stubGlobal("fetch", (url: string, call: { headers: Record<string, string> }) => {
      calls.push(`${url} ${call.headers["Authorization"] ?? ""}`);
      if (url === "/v1/agent/sessions") return answer(200, { token: "new" });
      return call.headers["Authorization"] === "Bearer new" ? answer(200, { reports: [] }) : answer(401, { code: "unauthorized" });
    });
    const out = vi.fn();
    const api = new Api(out);
    api.token = "old";
    expect(await api.catalogue()).toEqual({ reports: [] });
    expect(calls).toEqual(["/v1/analytics Bearer old", "/v1/agent/sessions ", "/v1/analytics Bearer new"]);
    expect(out).not.toHaveBeenCalled();
  });

  it("that cannot be renewed leads out", async () => {
    vi.stubGlobal("fetch", () => answer(401, { code: "unauthorized" }));
    const out = vi.fn();
    await expect(new Api(out).catalogue()).rejects.toMatchObject({ status: 401 });
    expect(out).toHaveBeenCalledOnce();
  });
});
