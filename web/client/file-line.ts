/** How files' requests reach the server: with the token at hand, bounded in time, errors as codes. It knows nothing of pieces. */
import { ApiError, problem, type Problem } from "./http";

/** The way to the server: `token` buys a fresh one when told that the last was turned down. */
export interface Line {
  base: string;
  token(stale: boolean): Promise<string>;
}

interface Call {
  method?: "PUT" | "POST" | "DELETE";
  body?: object;
  raw?: ArrayBuffer;
  signal?: AbortSignal | undefined;
}

const FILES = "/v1/files";
/** How long one answer may take: 256 KiB on a line of 35 kbit/s. */
export const ANSWER_MS = 60_000;

export class FileLine {
  constructor(private readonly _line: Line) {}

  async ask<T>(path: string, call: Call): Promise<T> {
    const response = await this.reach(FILES + path, call);
    if (response.status === 204) return undefined as T;
    return response.json().catch(() => {
      throw new ApiError(0, "unreachable");
    }) as Promise<T>;
  }

  /** With the token at hand, and once more with a fresh one. */
  async reach(path: string, call: Call = {}, limit_ms = ANSWER_MS): Promise<Response> {
    const url = this._line.base + path;
    let response = await send(url, call, await this._line.token(false), limit_ms);
    if (response.status === 401) response = await send(url, call, await this._line.token(true), limit_ms);
    if (response.ok) return response;
    throw problem(response.status, (await response.json().catch(() => ({}))) as Problem);
  }
}

async function send(url: string, { method, body, raw, signal }: Call, token: string, limit_ms: number): Promise<Response> {
  const limit = AbortSignal.timeout(limit_ms);
  const type = raw ? "application/octet-stream" : "application/json";
  try {
    return await fetch(url, {
      method: method ?? "GET",
      headers: { Authorization: `Bearer ${token}`, ...((raw ?? body) && { "Content-Type": type }) },
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      body: raw ?? (body ? JSON.stringify(body) : null),
    });
  } catch {
    throw new ApiError(0, signal?.aborted ? "aborted" : "unreachable");
  }
}
