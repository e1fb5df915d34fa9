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
  private readonly _books = new Map<string, Book>();
  private readonly _unsaved = new Set<string>();
  private _saving: Promise<void> = Promise.resolve();

  constructor(
    private readonly _db: Db,
    private readonly _world: World,
    private readonly _owner: () => string,
    /** Which history the server tells; until it has said, what is cached. */
    private readonly _history: { epoch: string | undefined },
  ) {}

  get(conversation: string): Signal<Transcript> | undefined {
    return this._books.get(conversation)?.view;
  }

  open(): string[] {
    return [...this._books.keys()];
  }

  /** From the cache if it is of this history; else from the seed; else empty, at 0. */
  async load(conversation: string, seed?: { view: Transcript; state: FeedState }): Promise<FeedState> {
    const known = this._books.get(conversation);
    if (known) return known.state;
    const row = await this._db.get<CacheRow>("feeds", this._key(conversation));
    const again = this._books.get(conversation);
    if (again) return again.state;
    if (row) this._history.epoch ??= row.epoch;
    const from = row && row.epoch === this._history.epoch ? { view: row.view, state: { offset: row.offset, mark: row.mark } } : seed;
    const book = from ?? { view: blank(conversation), state: { offset: 0 } };
    this._books.set(conversation, { view: signal(book.view), state: book.state });
    return book.state;
  }

  apply(conversation: string, state: FeedState, events: LogEvent[]): void {
    const book = this._books.get(conversation);
    if (!book) return;
    book.state = state;
    if (events.length > 0) book.view.value = fold(book.view.value, events);
    this._save(conversation);
  }

  /** Another history: nothing of the old may stay, neither here nor in the cache. */
  forget(conversation: string): void {
    const book = this._books.get(conversation);
    if (!book) return;
    book.state = { offset: 0 };
    book.view.value = blank(conversation);
    void this.drop(conversation);
  }

  close(conversation: string): void {
    this._books.delete(conversation);
  }

  closeAll(): void {
    this._books.clear();
  }

  drop(conversation: string): Promise<void> {
    const key = this._key(conversation);
    return this._db.change<CacheRow>("feeds", () => [{ drop: key }]);
  }

  /** Nothing of what this reader has read stays on disk. */
  dropAll(owner: string): Promise<void> {
    const theirs = (rows: CacheRow[]) => rows.filter((row) => row.key.startsWith(`${owner}|`));
    return this._db.change<CacheRow>("feeds", (rows) => theirs(rows).map((row) => ({ drop: row.key })));
  }

  private _key(conversation: string): string {
    return `${this._owner()}|${conversation}`;
  }

  private _save(conversation: string): void {
    if (this._unsaved.size === 0) this._world.after(SAVE_MS, () => void this.flush());
    this._unsaved.add(conversation);
  }

  /** Takes all that was applied so far, as it is now; resolves once that is on disk. */
  flush(): Promise<void> {
    const rows = [...this._unsaved].map((name) => this._row(name)).filter((row): row is CacheRow => row !== null);
    this._unsaved.clear();
    if (rows.length > 0) {
      this._saving = this._saving.then(() => this._db.change<CacheRow>("feeds", (old) => bounded(old, rows)));
    }
    return this._saving;
  }

  private _row(conversation: string): CacheRow | null {
    const book = this._books.get(conversation);
    if (!book) return null;
    const view = trim(book.view.value, KEEP_LINES);
    return { key: this._key(conversation), view, ...book.state, epoch: this._history.epoch, used: this._world.now() };
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
