/**
 * Files on their way up, and back down. A file goes in pieces, each sent until the server has it:
 * a lost network costs one piece, not the file. Nothing is shown here, and nothing kept but the
 * thumbnails that a screen has asked for.
 */
import { ApiError, problem, type Problem } from "./http";
import { backoff } from "./pace";
import type { World } from "./ports";

/** A file that the server has, as `message.posted` carries it too. */
export interface StoredFile {
  file: string;
  name: string;
  media_type: string;
  size: number;
  width?: number;
  height?: number;
  thumbnail: boolean;
}

export interface Wishes {
  /** Needed of agents: whose file it will be. */
  conversation?: string | undefined;
  onProgress?(sent: number, size: number): void;
  /** Ends it, with the code `aborted`; what the server has of it goes. */
  signal?: AbortSignal | undefined;
}

/** The way to the server: `token` buys a fresh one when told that the last was turned down. */
export interface Line {
  base: string;
  token(stale: boolean): Promise<string>;
}

interface Progress {
  received: number;
  size: number;
  chunk_bytes: number;
}

interface Begun {
  file: string;
  chunk_bytes: number;
}

interface Call {
  method?: "PUT" | "POST" | "DELETE";
  body?: object;
  raw?: ArrayBuffer;
  signal?: AbortSignal | undefined;
}

const FILES = "/v1/files";
/** How long one answer may take: 256 KiB on a line of 35 kbit/s. */
const ANSWER_MS = 60_000;
/** How long nothing may arrive before the file is given up. */
export const PATIENCE_MS = 10 * 60_000;
/** Thumbnails kept as blob URLs; an image that is shown already does not need its URL any more. */
export const THUMBNAILS = 300;

/**
 * Failures are `ApiError`s with a code. The server's: `too_large`, `type_not_allowed`,
 * `type_mismatch` (the name says another type than the content), `file_quota`, `not_found`. Ours:
 * `empty_file`, `unreadable_file` (it is gone from the disk), `unreachable`, `aborted`.
 */
export class Uploads {
  private readonly _thumbnails = new Map<string, Promise<string>>();

  constructor(
    private readonly _line: Line,
    private readonly _world: World,
  ) {}

  async upload(file: File, wishes: Wishes = {}): Promise<StoredFile> {
    if (!file.size) throw new ApiError(400, "empty_file");
    const { conversation, signal } = wishes;
    const body = { name: file.name, size: file.size, ...(conversation ? { conversation } : {}) };
    const begun = await this._until(signal, () => this._ask<Begun>("", { method: "POST", body, signal }));
    try {
      return await this._pieces(file, begun, wishes);
    } catch (error) {
      void this._ask(`/${begun.file}`, { method: "DELETE" }).catch(() => {});
      throw error;
    }
  }

  /** The content, whole. */
  async download(id: string): Promise<Blob> {
    return (await this._reach(`/files/${id}`, {}, PATIENCE_MS)).blob();
  }

  /** Puts the content among the browser's downloads, under its name. */
  async save(id: string, name: string): Promise<void> {
    const url = URL.createObjectURL(await this.download(id));
    const link = Object.assign(document.createElement("a"), { href: url, download: name });
    link.click();
    this._world.after(ANSWER_MS, () => URL.revokeObjectURL(url));
  }

  /** A blob URL of the thumbnail; asked for once. */
  thumbnail(id: string): Promise<string> {
    const known = this._thumbnails.get(id);
    if (known) return known;
    const url = this._reach(`/files/${id}/thumbnail`)
      .then((response) => response.blob())
      .then((blob) => URL.createObjectURL(blob));
    this._thumbnails.set(id, url);
    url.catch(() => this._thumbnails.delete(id));
    const [oldest] = this._thumbnails.keys();
    if (this._thumbnails.size > THUMBNAILS) this._drop(oldest!);
    return url;
  }

  /** Another person may sit here next. */
  forget(): void {
    for (const id of [...this._thumbnails.keys()]) this._drop(id);
  }

  private _drop(id: string): void {
    void this._thumbnails.get(id)?.then((url) => URL.revokeObjectURL(url), () => {});
    this._thumbnails.delete(id);
  }

  /** When all has arrived but the answer was lost, the last piece is sent once more. */
  private async _pieces(file: File, begun: Begun, wishes: Wishes): Promise<StoredFile> {
    const last = Math.floor((file.size - 1) / begun.chunk_bytes) * begun.chunk_bytes;
    let received = 0;
    for (;;) {
      wishes.onProgress?.(Math.min(received, file.size), file.size);
      const answer = await this._piece(file, begun, Math.min(received, last), wishes.signal);
      if ("media_type" in answer) {
        wishes.onProgress?.(file.size, file.size);
        return answer;
      }
      received = answer.received;
    }
  }

  /** One piece, until the server says how far it is. */
  private _piece(file: File, begun: Begun, offset: number, signal?: AbortSignal): Promise<StoredFile | { received: number }> {
    const path = `/${begun.file}`;
    let failed = false;
    return this._until(signal, async () => {
      // What arrived without our hearing of it is not sent again.
      if (failed) {
        const { received } = await this._ask<Progress>(path, { signal });
        if (received > offset && received < file.size) return { received };
      }
      failed = true;
      const raw = await bytes(file, offset, begun.chunk_bytes);
      return this._ask(`${path}?offset=${offset}`, { method: "PUT", raw, signal });
    });
  }

  /** Again and again while that may help, and somebody still wants it. */
  private async _until<T>(signal: AbortSignal | undefined, attempt: () => Promise<T>): Promise<T> {
    const end = this._world.now() + PATIENCE_MS;
    for (let count = 0; ; count++) {
      if (signal?.aborted) throw new ApiError(0, "aborted");
      try {
        return await attempt();
      } catch (error) {
        if (!worthAgain(error) || this._world.now() > end) throw error;
        await this._pause(backoff(count, this._world.random, error.retry_after_ms), signal);
      }
    }
  }

  private _pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this._world.after(ms, resolve);
      signal?.addEventListener("abort", () => (cancel(), resolve()), { once: true });
    });
  }

  private async _ask<T>(path: string, call: Call): Promise<T> {
    const response = await this._reach(FILES + path, call);
    if (response.status === 204) return undefined as T;
    return response.json().catch(() => {
      throw new ApiError(0, "unreachable");
    }) as Promise<T>;
  }

  /** With the token at hand, and once more with a fresh one. */
  private async _reach(path: string, call: Call = {}, limit_ms = ANSWER_MS): Promise<Response> {
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

function worthAgain(error: unknown): error is ApiError {
  return error instanceof ApiError && error.passing && !FINAL.has(error.code);
}

/** Not mended by asking again, whatever their status says. */
const FINAL: ReadonlySet<string> = new Set(["aborted", "unreadable_file", "file_quota"]);

async function bytes(file: File, offset: number, length: number): Promise<ArrayBuffer> {
  try {
    return await file.slice(offset, offset + length).arrayBuffer();
  } catch {
    throw new ApiError(0, "unreadable_file");
  }
}
