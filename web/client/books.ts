/**
 * The transcripts of the conversations that are open here, and their cached copies, so that the
 * last screen is there at once and only what is new travels. View, offset and mark are saved
 * together or not at all: apart they would claim what was never applied.
 */
import { signal, type Signal } from "@preact/signals-core";
import type { Db, Row } from "./db";
import type { FeedState } from "./feed";
import type { World } from "./ports";
import { blank, fold, trim, type Transcript } from "./transcript";
import type { LogEvent } from "./types";

interface CacheRow extends Row, FeedState {
  view: Transcript;
  epoch: string | undefined;
  used: number;
}

interface Book {
  view: Signal<Transcript>;
  state: FeedState;
}

const KEEP_LINES = 300;
const KEEP_BOOKS = 12;
const SAVE_MS = 300;

export class Books {
  private readonly books = new Map<string, Book>();
  private readonly unsaved = new Set<string>();
  private saving: Promise<void> = Promise.resolve();

  constructor(
    private readonly db: Db,
    private readonly world: World,
    private readonly owner: () => string,
    private readonly epoch: () => string | undefined,
  ) {}

  get(conversation: string): Signal<Transcript> | undefined {
    return this.books.get(conversation)?.view;
  }

  open(): string[] {
    return [...this.books.keys()];
  }

  /** From the cache if it is of this history; else from the seed; else empty, at 0. */
  async load(conversation: string, seed?: { view: Transcript; state: FeedState }): Promise<FeedState> {
    const known = this.books.get(conversation);
    if (known) return known.state;
    const row = await this.db.get<CacheRow>("feeds", this.key(conversation)).catch(() => undefined);
    const again = this.books.get(conversation);
    if (again) return again.state;
    const good = row && (!this.epoch() || row.epoch === this.epoch());
    const from = good ? { view: row.view, state: { offset: row.offset, mark: row.mark } } : seed;
    const book = from ?? { view: blank(conversation), state: { offset: 0 } };
    this.books.set(conversation, { view: signal(book.view), state: book.state });
    return book.state;
  }

  cachedEpoch(conversation: string): Promise<string | undefined> {
    return this.db.get<CacheRow>("feeds", this.key(conversation)).then((row) => row?.epoch, () => undefined);
  }

  apply(conversation: string, state: FeedState, events: LogEvent[]): void {
    const book = this.books.get(conversation);
    if (!book) return;
    book.state = state;
    if (events.length > 0) book.view.value = fold(book.view.value, events);
    this.save(conversation);
  }

  /** Another history: nothing of the old may stay, neither here nor in the cache. */
  forget(conversation: string): void {
    const book = this.books.get(conversation);
    if (!book) return;
    book.state = { offset: 0 };
    book.view.value = blank(conversation);
    void this.drop(conversation);
  }

  close(conversation: string): void {
    this.books.delete(conversation);
  }

  closeAll(): void {
    this.books.clear();
  }

  drop(conversation: string): Promise<void> {
    const key = this.key(conversation);
    return this.db.change<CacheRow>("feeds", () => [{ drop: key }]).catch(() => {});
  }

  private key(conversation: string): string {
    return `${this.owner()}|${conversation}`;
  }

  private save(conversation: string): void {
    if (this.unsaved.size === 0) this.world.after(SAVE_MS, () => void this.flush());
    this.unsaved.add(conversation);
  }

  /** Resolves once all that was applied so far is on disk. */
  flush(): Promise<void> {
    this.saving = this.saving.then(() => this.write());
    return this.saving;
  }

  private async write(): Promise<void> {
    const rows = [...this.unsaved].map((name) => this.row(name)).filter((row): row is CacheRow => row !== null);
    this.unsaved.clear();
    if (rows.length > 0) await this.db.change<CacheRow>("feeds", (old) => bounded(old, rows)).catch(() => {});
  }

  private row(conversation: string): CacheRow | null {
    const book = this.books.get(conversation);
    if (!book) return null;
    const view = trim(book.view.value, KEEP_LINES);
    return { key: this.key(conversation), view, ...book.state, epoch: this.epoch(), used: this.world.now() };
  }
}

/** A tab that lags behind another may not put its older copy over the newer one. */
function bounded(old: CacheRow[], rows: CacheRow[]) {
  const fresh = rows.filter((row) => {
    const known = old.find((one) => one.key === row.key);
    return !known || known.epoch !== row.epoch || known.offset <= row.offset;
  });
  const keys = new Set(fresh.map((row) => row.key));
  const rest = old.filter((row) => !keys.has(row.key)).sort((a, b) => b.used - a.used);
  const surplus = rest.slice(Math.max(0, KEEP_BOOKS - fresh.length));
  return [...fresh.map((put) => ({ put })), ...surplus.map((row) => ({ drop: row.key }))];
}
