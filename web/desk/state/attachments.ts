/** Files on their way up, by conversation: what is chosen waits here until it is sent with the words. */
import { signal } from "@preact/signals";
import type { StoredFile, Uploads } from "../../client/uploads";
import { uuid7 } from "../../client/uuid";

/** What the desk needs of the files' own client. */
export type Carrier = Pick<Uploads, "upload" | "download" | "save" | "thumbnail">;

export interface Attachment {
  key: string;
  conversation: string;
  name: string;
  size: number;
  /** From 0 to 1. */
  share: number;
  stored: StoredFile | null;
  problem: { code?: string; message?: string } | null;
}

/** Brings a file to where it can be sent from. */
type Bring = (onProgress: (sent: number, total: number) => void, signal: AbortSignal) => Promise<StoredFile>;

interface Job {
  bring: Bring;
  stop: AbortController;
}

export class Attachments {
  readonly all = signal<Attachment[]>([]);
  private readonly _jobs = new Map<string, Job>();

  /** `find` says what a file is that the server has. */
  constructor(private readonly _uploads: Carrier, private readonly _find: (file: string) => Promise<StoredFile>) {}

  of(conversation: string): Attachment[] {
    return this.all.value.filter((one) => one.conversation === conversation);
  }

  add(conversation: string, files: Iterable<File>): void {
    for (const file of files) {
      const bring: Bring = (onProgress, signal) => this._uploads.upload(file, { conversation, onProgress, signal });
      this._begin({ conversation, name: file.name, size: file.size }, bring);
    }
  }

  /** One that the server has for every conversation; `title` until it is known what it is called. */
  addCommon(conversation: string, file: string, title: string): void {
    if (this.of(conversation).some((one) => one.stored?.file === file)) return;
    this._begin({ conversation, name: title, size: 0 }, () => this._find(file));
  }

  private _begin(what: Pick<Attachment, "conversation" | "name" | "size">, bring: Bring): void {
    const key = uuid7();
    this._jobs.set(key, { bring, stop: new AbortController() });
    this.all.value = [...this.all.value, { ...what, key, share: 0, stored: null, problem: null }];
    void this._run(key);
  }

  again(key: string): void {
    this._change(key, { problem: null, share: 0 });
    void this._run(key);
  }

  drop(key: string): void {
    this._jobs.get(key)?.stop.abort();
    this._jobs.delete(key);
    this.all.value = this.all.value.filter((one) => one.key !== key);
  }

  /** What is ready to be sent, which leaves here with that. */
  take(conversation: string): StoredFile[] {
    const ready = this.of(conversation).filter((one) => one.stored);
    ready.forEach((one) => this.drop(one.key));
    return ready.map((one) => one.stored!);
  }

  private async _run(key: string): Promise<void> {
    const { bring, stop } = this._jobs.get(key)!;
    const onProgress = (sent: number, total: number) => this._change(key, { share: total > 0 ? sent / total : 1 });
    try {
      const stored = await bring(onProgress, stop.signal);
      this._change(key, { stored, name: stored.name, size: stored.size, share: 1 });
    } catch (error) {
      if (!stop.signal.aborted) this._change(key, { problem: error as { code?: string; message?: string } });
    }
  }

  private _change(key: string, change: Partial<Attachment>): void {
    this.all.value = this.all.value.map((one) => (one.key === key ? { ...one, ...change } : one));
  }
}
