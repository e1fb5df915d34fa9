/** Files on their way: pieces, lost networks, refusals, and a change of mind. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../http";
import { LEFT } from "../parcels";
import type { World } from "../ports";
import { THUMBNAILS } from "../downloads";
import { PATIENCE_MS, Uploads } from "../uploads";

const CHUNK = 4;
const TEXT = "hello world"; // three pieces, the last one short

/** The server's side, as the protocol says; each request goes through `trouble` first. */
class FakeFiles {
  readonly got: string[] = [];
  readonly seen: string[] = [];
  given = "";
  stored = false;
  gone = false;
  refusal: [number, object] | null = null;
  /** Null: the answer goes through. `lost`: it is done, and nobody hears of it. */
  trouble: (request: string) => "cut" | "lost" | Response | null = () => null;

  readonly fetch = async (url: string, call: RequestInit): Promise<Response> => {
    const request = `${call.method} ${url}`;
    this.seen.push(request);
    call.signal?.throwIfAborted();
    const trouble = this.trouble(request);
    if (trouble === "cut") throw new TypeError("network");
    if (trouble instanceof Response) return trouble;
    const answer = await this._answer(request, call);
    if (trouble === "lost") throw new TypeError("network");
    return answer;
  };

  private async _answer(request: string, call: RequestInit): Promise<Response> {
    if (request.startsWith("POST")) {
      this.given = String(call.body);
      return json({ file: "f1", chunk_bytes: CHUNK });
    }
    if (request.startsWith("DELETE")) {
      this.gone = true;
      return new Response(null, { status: 204 });
    }
    if (request.startsWith("GET /files")) return new Response("picture");
    const received = this.got.join("").length;
    if (request.startsWith("GET")) return json({ received, size: TEXT.length, chunk_bytes: CHUNK });
    return this._put(Number(request.split("offset=")[1]), new TextDecoder().decode(call.body as ArrayBuffer));
  }

  private _put(offset: number, bytes: string): Response {
    if (this.refusal) return json(this.refusal[1], this.refusal[0]);
    const received = this.got.join("").length;
    if (offset > received) return json({ code: "wrong_offset" }, 409);
    if (offset === received) this.got.push(bytes);
    const now = this.got.join("").length;
    if (now < TEXT.length) return json({ received: now });
    this.stored = true;
    return json({ file: "f1", name: "a.txt", media_type: "text/plain", size: now, thumbnail: false });
  }
}

function json(body: object, status = 200): Response {
  return new Response(JSON.stringify(body), { status });
}

let server: FakeFiles;
let asked: boolean[];
let uploads: Uploads;
const file = new File([TEXT], "a.txt");

/** Waits take no time, but the clock shows them. */
function world(): World {
  let now = 0;
  return {
    connect: () => { throw new Error("no sockets here"); },
    now: () => now,
    random: () => 1,
    after(ms, call) {
      now += ms;
      queueMicrotask(call);
      return () => {};
    },
  };
}

beforeEach(() => {
  server = new FakeFiles();
  asked = [];
  vi.stubGlobal("fetch", server.fetch);
  const token = async (stale: boolean): Promise<string> => (asked.push(stale), "t");
  uploads = new Uploads({ base: "", token }, world());
});
afterEach(() => vi.unstubAllGlobals());

async function refused(upload: Promise<unknown>): Promise<ApiError> {
  return upload.then(() => { throw new Error("not refused"); }, (error) => error as ApiError);
}

describe("upload", () => {
  it("sends a file in pieces and tells how far it is", async () => {
    const told: number[] = [];
    const stored = await uploads.upload(file, { conversation: "c1", onProgress: (sent) => told.push(sent) });
    expect(stored).toMatchObject({ file: "f1", media_type: "text/plain", size: 11 });
    expect(JSON.parse(server.given)).toEqual({ name: "a.txt", size: 11, conversation: "c1" });
    expect(server.got).toEqual(["hell", "o wo", "rld"]);
    expect(told).toEqual([0, 4, 8, 11]);
  });

  it.each(["cut", "lost"] as const)("goes on where it was after each request was %s once", async (how) => {
    const before = new Set<string>();
    server.trouble = (request) => (before.has(request) ? null : (before.add(request), how));
    expect((await uploads.upload(file)).size).toBe(11);
    expect(server.got.join("")).toBe(TEXT);
    expect(server.gone).toBe(false);
  });

  it("buys a fresh token when the one at hand was turned down", async () => {
    let turned = 0;
    server.trouble = (request) => (request.startsWith("PUT") && turned++ === 0 ? json({ code: "unauthorized" }, 401) : null);
    await uploads.upload(file);
    expect(asked.filter(Boolean)).toHaveLength(1);
  });

  it("waits as long as a busy server asks for", async () => {
    let turned = 0;
    server.trouble = (request) =>
      request.startsWith("PUT") && turned++ === 0 ? json({ code: "busy", retry_after_ms: 1000 }, 503) : null;
    expect((await uploads.upload(file)).size).toBe(11);
  });

  it.each(["type_mismatch", "too_large", "file_quota"])("hands on %s, and takes back what was sent", async (code) => {
    server.refusal = [code === "file_quota" ? 429 : 415, { code, detail: "A sentence." }];
    const error = await refused(uploads.upload(file));
    expect([error.code, error.message]).toEqual([code, "A sentence."]);
    await vi.waitFor(() => expect(server.gone).toBe(true));
  });

  it("gives up once nothing arrived for long", async () => {
    server.trouble = (request) => (request.startsWith("PUT") ? "cut" : null);
    expect((await refused(uploads.upload(file))).code).toBe("unreachable");
    expect(server.seen.length).toBeGreaterThan(PATIENCE_MS / 31_000);
  });

  it("stops at once when it is no longer wanted", async () => {
    const stop = new AbortController();
    const upload = uploads.upload(file, { signal: stop.signal, onProgress: (sent) => sent === 4 && stop.abort() });
    expect((await refused(upload)).code).toBe("aborted");
    await vi.waitFor(() => expect(server.gone).toBe(true));
    expect(server.got).toEqual(["hell"]);
  });

  it("goes on where an earlier page was, for as long as it takes, and lets the next one go on", async () => {
    const begun = { file: "f1", chunk_bytes: CHUNK };
    server.got.push("hell", "o wo");
    let cuts = PATIENCE_MS / 10_000;
    server.trouble = (request) => (request.startsWith("PUT") && cuts-- > 0 ? "cut" : null);
    await uploads.upload(file, { begun, onBegun: async () => {} });
    expect([server.given, server.got.join("")]).toEqual(["", TEXT]);
    server.got.length = 0;
    const stop = new AbortController();
    const left = uploads.upload(file, { begun, signal: stop.signal, onProgress: (sent) => sent === 4 && stop.abort(LEFT) });
    expect((await refused(left)).code).toBe("aborted");
    expect(server.gone).toBe(false);
  });

  it("begins anew what the server has given up meanwhile", async () => {
    let known: unknown;
    server.trouble = (request) => (request.endsWith("/old") ? json({ code: "not_found" }, 404) : null);
    await uploads.upload(file, { begun: { file: "old", chunk_bytes: CHUNK }, onBegun: async (begun) => void (known = begun) });
    expect(known).toEqual({ file: "f1", chunk_bytes: CHUNK });
  });

  it("says of an empty file, and of one that has left the disk, what is wrong", async () => {
    expect((await refused(uploads.upload(new File([], "a.txt")))).code).toBe("empty_file");
    const lost = new File([TEXT], "a.txt");
    lost.slice = () => ({ arrayBuffer: () => Promise.reject(new Error("NotReadableError")) }) as unknown as Blob;
    expect((await refused(uploads.upload(lost))).code).toBe("unreadable_file");
  });
});

describe("thumbnails", () => {
  it("are asked for once, kept up to a number, and let go of together", async () => {
    const revoked: string[] = [];
    vi.spyOn(URL, "revokeObjectURL").mockImplementation((url) => void revoked.push(url));
    expect(await uploads.thumbnail("a")).toBe(await uploads.thumbnail("a"));
    expect(server.seen).toEqual(["GET /files/a/thumbnail"]);
    for (let n = 0; n < THUMBNAILS; n++) await uploads.thumbnail(`b${n}`);
    await vi.waitFor(() => expect(revoked).toHaveLength(1));
    uploads.forget();
    await vi.waitFor(() => expect(revoked).toHaveLength(THUMBNAILS + 1));
    vi.restoreAllMocks();
  });

  it("that could not be had are asked for again", async () => {
    server.trouble = () => json({ code: "not_found" }, 404);
    expect((await refused(uploads.thumbnail("a"))).code).toBe("not_found");
    server.trouble = () => null;
    expect(await uploads.thumbnail("a")).toMatch(/^blob:/);
    expect(await (await uploads.download("a")).text()).toBe("picture");
  });
});
