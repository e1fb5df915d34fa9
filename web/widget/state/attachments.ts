/** Files on their way: each with its progress, and a way to stop it or to try once more. */
import { signal } from "@preact/signals-core";
import type { Attachment as Known } from "../../client/types";
import { uuid7 } from "../../client/uuid";

/** Where files are kept; `client/uploads.ts` in the product. Its errors have a `code`. */
export interface FileStore {
  upload(file: File, wishes: { conversation?: string; onProgress?(sent: number, size: number): void; signal?: AbortSignal }): Promise<Stored>;
  /** Puts the content among the browser's downloads. */
  save(id: string, name: string): Promise<void>;
  /** The address of a small picture of it. */
  thumbnail(id: string): Promise<string>;
  /** Another person may sit here next. */
  forget(): void;
}

export interface Stored extends Known {
  file: string;
}

/** A file on its way. */
export interface Upload {
  key: string;
  file: File;
  /** From 0 to 1. */
  progress: number;
  /** The code of what went wrong. */
  fault: string | null;
}

export class Attachments {
  readonly all = signal<Upload[]>([]);
  private readonly _stops = new Map<string, AbortController>();

  private _kept: Promise<FileStore> | undefined;

  constructor(
    private readonly _open: () => Promise<FileStore>,
    private readonly _conversation: () => string | null,
    private readonly _arrived: (stored: Stored) => void,
  ) {}

  /** Made when it is first needed; a failure is not kept. */
  store(): Promise<FileStore> {
    this._kept ??= this._open();
    this._kept.catch(() => (this._kept = undefined));
    return this._kept;
  }

  add(files: Iterable<File>): void {
    for (const file of files) {
      const one: Upload = { key: uuid7(), file, progress: 0, fault: null };
      this.all.value = [...this.all.value, one];
      void this._send(one);
    }
  }

  again(key: string): void {
    const one = this.all.value.find((each) => each.key === key);
    if (!one) return;
    this._change(key, { fault: null, progress: 0 });
    void this._send(one);
  }

  drop(key: string): void {
    this._stops.get(key)?.abort();
    this._stops.delete(key);
    this.all.value = this.all.value.filter((one) => one.key !== key);
  }

  /** Another person may sit here next. */
  async forget(): Promise<void> {
    for (const { key } of this.all.value) this.drop(key);
    (await this._kept)?.forget();
  }

  private async _send({ key, file }: Upload): Promise<void> {
    const stop = new AbortController();
    this._stops.set(key, stop);
    const conversation = this._conversation();
    try {
      const store = await this.store();
      const stored = await store.upload(file, {
        signal: stop.signal, onProgress: (sent, size) => this._change(key, { progress: sent / size }), ...(conversation ? { conversation } : {}),
      });
      if (stop.signal.aborted) return;
      this.drop(key);
      this._arrived(stored);
    } catch (error) {
      if (!stop.signal.aborted) this._change(key, { fault: (error as { code?: string }).code ?? "other" });
    }
  }

  private _change(key: string, change: Partial<Upload>): void {
    this.all.value = this.all.value.map((one) => (one.key === key ? { ...one, ...change } : one));
  }
}
