/**
 * Files on their way up, and back down. A file goes in pieces, each sent until the server has it:
 * a lost network costs one piece, not the file, and another page goes on where the last one was.
 * Nothing is shown here, and nothing kept.
 */
import { Downloads } from "./downloads";
import { FileLine, type Line } from "./file-line";
import { ApiError } from "./http";
import { backoff } from "./pace";
import { LEFT } from "./parcels";
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

/** A file that the server waits for. */
export interface Begun {
  file: string;
  chunk_bytes: number;
}

export interface Wishes {
  /** Needed of agents: whose file it will be. */
  conversation?: string | undefined;
  onProgress?(sent: number, size: number): void;
  /** Ends it, with the code `aborted`; what the server has of it goes, unless the reason is `LEFT`. */
  signal?: AbortSignal | undefined;
  /** As an earlier page began it. */
  begun?: Begun | undefined;
  /** It can be gone on with from now on, on whatever page; so it is tried for as long as it takes. */
  onBegun?(begun: Begun): Promise<void>;
}

interface Progress {
  received: number;
  size: number;
}

/** How long nothing may arrive before a file is given up that no other page could go on with. */
export const PATIENCE_MS = 10 * 60_000;

/**
 * Failures are `ApiError`s with a code. The server's: `too_large`, `type_not_allowed`,
 * `type_mismatch` (the name says another type than the content), `file_quota`, `not_found`. Ours:
 * `empty_file`, `unreadable_file` (it is gone from the disk), `unreachable`, `aborted`.
 */
export class Uploads {
  private readonly _line: FileLine;
  private readonly _downloads: Downloads;

  constructor(line: Line, private readonly _world: World) {
    this._line = new FileLine(line);
    this._downloads = new Downloads(this._line, _world);
  }

  download(id: string): Promise<Blob> {
    return this._downloads.download(id);
  }

  save(id: string, name: string): Promise<void> {
    return this._downloads.save(id, name);
  }

  thumbnail(id: string): Promise<string> {
    return this._downloads.thumbnail(id);
  }

  forget(): void {
    this._downloads.forget();
  }

  async upload(file: File, wishes: Wishes = {}): Promise<StoredFile> {
    if (!file.size) throw new ApiError(400, "empty_file");
    const resumed = wishes.begun && (await this._resumed(file, wishes.begun, wishes));
    return resumed ?? this._carry(file, await this._begin(file, wishes), 0, wishes);
  }

  /** Null where the server has given it up meanwhile, or it was somebody else's. */
  private async _resumed(file: File, begun: Begun, wishes: Wishes): Promise<StoredFile | null> {
    try {
      const { received } = await this._until(wishes, () => this._line.ask<Progress>(`/${begun.file}`, { signal: wishes.signal }));
      return await this._carry(file, begun, received, wishes);
    } catch (error) {
      if ((error as ApiError).code === "not_found") return null;
      throw error;
    }
  }

  private async _begin(file: File, wishes: Wishes): Promise<Begun> {
    const { conversation, signal } = wishes;
    const body = { name: file.name, size: file.size, ...(conversation ? { conversation } : {}) };
    const begun = await this._until(wishes, () => this._line.ask<Begun>("", { method: "POST", body, signal }));
    await wishes.onBegun?.(begun);
    return begun;
  }

  private async _carry(file: File, begun: Begun, received: number, wishes: Wishes): Promise<StoredFile> {
    try {
      return await this._pieces(file, begun, received, wishes);
    } catch (error) {
      if (wishes.signal?.reason !== LEFT) void this._line.ask(`/${begun.file}`, { method: "DELETE" }).catch(() => {});
      throw error;
    }
  }

  /** When all has arrived but the answer was lost, the last piece is sent once more. */
  private async _pieces(file: File, begun: Begun, received: number, wishes: Wishes): Promise<StoredFile> {
    const last = Math.floor((file.size - 1) / begun.chunk_bytes) * begun.chunk_bytes;
    for (;;) {
      wishes.onProgress?.(Math.min(received, file.size), file.size);
      const answer = await this._piece(file, begun, Math.min(received, last), wishes);
      if ("media_type" in answer) {
        wishes.onProgress?.(file.size, file.size);
        return answer;
      }
      received = answer.received;
    }
  }

  /** One piece, until the server says how far it is. */
  private _piece(file: File, begun: Begun, offset: number, wishes: Wishes): Promise<StoredFile | { received: number }> {
    const path = `/${begun.file}`;
    const { signal } = wishes;
    let failed = false;
    return this._until(wishes, async () => {
      // What arrived without our hearing of it is not sent again.
      if (failed) {
        const { received } = await this._line.ask<Progress>(path, { signal });
        if (received > offset && received < file.size) return { received };
      }
      failed = true;
      const raw = await bytes(file, offset, begun.chunk_bytes);
      return this._line.ask(`${path}?offset=${offset}`, { method: "PUT", raw, signal });
    });
  }

  /** Again and again while that may help, and somebody still wants it. */
  private async _until<T>({ signal, onBegun }: Wishes, attempt: () => Promise<T>): Promise<T> {
    const end = onBegun ? Infinity : this._world.now() + PATIENCE_MS;
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
