/**
 * Carries files up that messages wait for, each by one tab at a time, and lets the messages go when
 * the files are there. That a file is on its way stands in the outbox, its bytes beside it: so
 * whatever ends the page, the next one goes on. Nothing is drawn here.
 */
import { effect, type ReadonlySignal } from "@preact/signals-core";
import type { Blobs } from "./blobs";
import type { Outbox } from "./outbox";
import { backoff } from "./pace";
import { LEFT, LOST, abandoned, arrived, begun, failed } from "./parcels";
import type { World } from "./ports";
import { NOBODY_YET, type Entry } from "./queue";
import type { Tabs } from "./tabs";
import type { StoredFile, Wishes } from "./uploads";
import { uuid7 } from "./uuid";

/** What sends files: fetched with the first of them. */
export interface Carrier {
  upload(file: File, wishes: Wishes): Promise<StoredFile>;
}

export interface Harbour {
  outbox: Outbox;
  blobs: Blobs;
  tabs: Tabs;
  world: World;
  actor: ReadonlySignal<string | null>;
  /** Where a message goes that was begun before there was a conversation. */
  conversation: ReadonlySignal<string | null>;
  carrier(): Promise<Carrier>;
}

/** The file of somebody who was here before is kept as long as the server keeps what it has of one. */
const KEEP_MS = 24 * 3_600_000;
const AGAIN_MS = 1_000;

/** One thing after the other, whatever becomes of those before. */
class Row {
  private _last: Promise<void> = Promise.resolve();

  next(work: () => Promise<void>): Promise<void> {
    const done = this._last.then(work);
    this._last = done.catch(() => {});
    return done;
  }
}

interface Voyage {
  stop: AbortController;
  /** It was in the outbox: if it is not any more, it was called off. */
  known: boolean;
}

export class Shipments {
  private readonly _voyages = new Map<string, Voyage>();
  /** Files are kept, and then arrive, in the order in which they were chosen. */
  private readonly _keeping = new Row();
  private readonly _carrying = new Row();
  private readonly _ends: (() => void)[];
  private _over = false;

  constructor(private readonly _around: Harbour) {
    const { outbox, actor } = _around;
    this._ends = [
      effect(() => this._look(outbox.pending.value)),
      // Whoever comes is not to find what those before have left; what cannot be taken away now is with the next one.
      effect(() => void (actor.value && this.sweep().catch(() => {}))),
    ];
  }

  /** `opening`: what the message says besides, if it begins a conversation. */
  add(file: File, conversation: string | null, opening: Record<string, unknown>): void {
    const { outbox, blobs } = this._around;
    const key = uuid7();
    // Nobody else may take it up before its bytes are kept, so the turn comes first.
    void this._ship(key, async () => {
      await outbox.put("post", conversation, {}, { key, opening, awaits: { name: file.name, size: file.size } });
      await this._keeping.next(() => blobs.keep(key, file));
    });
  }

  again(key: string): Promise<void> {
    return this._around.outbox.again(key);
  }

  /** Not to be sent after all. */
  async drop(key: string): Promise<void> {
    await this._around.outbox.discard(key);
    await this._around.blobs.drop(key);
  }

  /** Another person may sit here next. */
  async forget(): Promise<void> {
    const actor = this._actor();
    await this._around.outbox.change((rows) => abandoned(rows, actor));
    await this.sweep();
  }

  /** Nothing is carried from here any more; another page goes on. */
  stop(): void {
    this._over = true;
    this._ends.forEach((end) => end());
    for (const { stop } of this._voyages.values()) stop.abort(LEFT);
  }

  /** Takes away bytes that no message waits for, and what people who are not here any more have left. */
  async sweep(): Promise<void> {
    const { outbox, blobs, world } = this._around;
    const kept = await blobs.keys();
    const old = (row: Entry): boolean => row.actor !== this._actor() && world.now() - Date.parse(row.at) > KEEP_MS;
    let waiting = new Set<string>();
    await outbox.change((all) => {
      const rows = all.filter((row) => row.awaits);
      waiting = new Set(rows.filter((row) => !old(row)).map((row) => row.key));
      return rows.filter(old).map((row) => ({ drop: row.key }));
    });
    for (const key of kept) if (!waiting.has(key)) await blobs.drop(key);
  }

  private _look(rows: Entry[]): void {
    for (const row of rows) {
      const voyage = this._voyages.get(row.key);
      if (voyage) voyage.known = true;
      else if (row.awaits && !row.refused) void this._ship(row.key);
    }
    for (const [key, { known }] of this._voyages) {
      if (known && !rows.some((row) => row.key === key)) void this._missed(key);
    }
  }

  /** It was called off, here or in another tab; or its writer is not the one who is here now. */
  private async _missed(key: string): Promise<void> {
    const row = await this._around.outbox.find(key);
    if (row?.actor === this._actor()) return;
    this._voyages.get(key)?.stop.abort(row ? LEFT : undefined);
    if (!row) await this._around.blobs.drop(key);
  }

  private async _ship(key: string, first?: () => Promise<void>): Promise<void> {
    let unready = first;
    const voyage: Voyage = { stop: new AbortController(), known: false };
    this._voyages.set(key, voyage);
    try {
      await this._around.tabs.alone(`file:${key}`, async (still) => {
        await unready?.();
        unready = undefined;
        await this._carrying.next(() => this._carry(key, voyage.stop, still));
      }, true);
    } catch {
      // The turn was lost, or the store failed: the row says what is left to do.
      this._later(unready && (() => void this._ship(key, unready)));
    } finally {
      this._voyages.delete(key);
    }
  }

  private async _carry(key: string, stop: AbortController, still: () => boolean): Promise<void> {
    const { outbox, blobs, conversation } = this._around;
    const row = await outbox.find(key);
    if (!row?.awaits || row.refused || stop.signal.aborted) return;
    const blob = await blobs.get(key);
    if (!blob) return outbox.change((rows) => failed(rows, key, LOST));
    try {
      const stored = await (await this._carrier(stop.signal)).upload(new File([blob], row.awaits.name), {
        conversation: row.conversation ?? undefined,
        signal: stop.signal,
        begun: row.awaits.begun,
        onBegun: (known) => outbox.change((rows) => begun(rows, key, known)),
        onProgress: (sent, size) => (still() ? outbox.progressed(key, sent / size) : stop.abort(LEFT)),
      });
      await outbox.change((rows) => arrived(rows, key, stored, conversation.value));
      await blobs.drop(key);
    } catch (error) {
      const here = row.actor === this._actor() || row.actor === NOBODY_YET;
      if (stop.signal.aborted || !here) return this._later();
      await outbox.change((rows) => failed(rows, key, (error as { code?: string }).code ?? "other"));
    }
  }

  /** It may be somebody else's by now, or the turn was lost: whoever it is may have to begin again. */
  private _later(act = () => this._look(this._around.outbox.pending.peek())): void {
    this._around.world.after(AGAIN_MS, () => this._over || act());
  }

  /** What sends files may itself be lost on the way here. */
  private async _carrier(wanted: AbortSignal): Promise<Carrier> {
    const { world, carrier } = this._around;
    for (let count = 0; ; count++) {
      try {
        return await carrier();
      } catch (error) {
        if (wanted.aborted) throw error;
        await new Promise<void>((go) => world.after(backoff(count, world.random), go));
      }
    }
  }

  private _actor(): string {
    return this._around.actor.value ?? NOBODY_YET;
  }
}
