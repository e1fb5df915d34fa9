/**
 * A few tables of plain rows that outlive the page: IndexedDB where the browser lets us, memory
 * where it does not (then the chat still works, without surviving a reload).
 * A change is decided by a pure function inside one transaction, so tabs cannot tear it apart.
 */

export type Table = "outbox" | "feeds" | "keep";

export type Change<T> = { put: T } | { drop: string };

export interface Row {
  key: string;
}

export interface Db {
  all<T extends Row>(table: Table): Promise<T[]>;
  get<T extends Row>(table: Table, key: string): Promise<T | undefined>;
  change<T extends Row>(table: Table, decide: (rows: T[]) => Change<T>[]): Promise<void>;
}

const TABLES: Table[] = ["outbox", "feeds", "keep"];

export async function openDb(name: string, factory?: IDBFactory): Promise<Db> {
  try {
    return new SturdyDb(new IndexedDb(await opened(factory ?? globalThis.indexedDB, name, TABLES)));
  } catch {
    // It is missing, or even its name may not be spoken here.
    return new MemoryDb();
  }
}

export function opened(factory: IDBFactory, name: string, tables: string[]): Promise<IDBDatabase> {
  const request = factory.open(name, 1);
  request.onupgradeneeded = () => {
    for (const table of tables) request.result.createObjectStore(table, { keyPath: "key" });
  };
  return result(request);
}

class IndexedDb implements Db {
  constructor(private readonly _db: IDBDatabase) {
    // Another tab may need to upgrade or delete; holding on would block it for ever.
    _db.onversionchange = () => _db.close();
  }

  all<T extends Row>(table: Table): Promise<T[]> {
    return result(this._db.transaction(table).objectStore(table).getAll() as IDBRequest<T[]>);
  }

  get<T extends Row>(table: Table, key: string): Promise<T | undefined> {
    return result(this._db.transaction(table).objectStore(table).get(key) as IDBRequest<T | undefined>);
  }

  change<T extends Row>(table: Table, decide: (rows: T[]) => Change<T>[]): Promise<void> {
    return new Promise((resolve, reject) => {
      // Strict: what is shown as kept must be on disk before it is sent, browser kill or not.
      const durability = table === "outbox" ? "strict" : "default";
      const transaction = this._db.transaction(table, "readwrite", { durability });
      const store = transaction.objectStore(table);
      const rows = store.getAll() as IDBRequest<T[]>;
      rows.onsuccess = () => {
        for (const change of decide(rows.result)) {
          if ("put" in change) store.put(change.put);
          else store.delete(change.drop);
        }
      };
      transaction.oncomplete = () => resolve();
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
  }
}

/**
 * A store that fails later (evicted, full, closed by the browser) must not end the chat: from then
 * on memory serves. What lies on disk stays there for the next page.
 */
export class SturdyDb implements Db {
  private _memory: Promise<Db> | undefined;

  constructor(private _inner: Db) {}

  all<T extends Row>(table: Table): Promise<T[]> {
    return this._attempt((db) => db.all<T>(table));
  }

  get<T extends Row>(table: Table, key: string): Promise<T | undefined> {
    return this._attempt((db) => db.get<T>(table, key));
  }

  change<T extends Row>(table: Table, decide: (rows: T[]) => Change<T>[]): Promise<void> {
    return this._attempt((db) => db.change<T>(table, decide));
  }

  private async _attempt<T>(work: (db: Db) => Promise<T>): Promise<T> {
    const db = this._inner;
    try {
      return await work(db);
    } catch (error) {
      if (db instanceof MemoryDb) throw error;
      // One memory for all that fails now: a second copy would be without what the first has taken since.
      this._inner = await (this._memory ??= copied(db));
      return work(this._inner);
    }
  }
}

/** What can still be read is taken along. */
async function copied(db: Db): Promise<Db> {
  const memory = new MemoryDb();
  for (const table of TABLES) {
    const rows = await db.all<Row>(table).catch(() => []);
    await memory.change<Row>(table, () => rows.map((put) => ({ put })));
  }
  return memory;
}

export function result<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export class MemoryDb implements Db {
  private readonly _tables = new Map<Table, Map<string, Row>>(TABLES.map((table) => [table, new Map()]));

  async all<T extends Row>(table: Table): Promise<T[]> {
    return [...this._tables.get(table)!.values()] as T[];
  }

  async get<T extends Row>(table: Table, key: string): Promise<T | undefined> {
    return this._tables.get(table)!.get(key) as T | undefined;
  }

  async change<T extends Row>(table: Table, decide: (rows: T[]) => Change<T>[]): Promise<void> {
    const rows = this._tables.get(table)!;
    for (const change of decide([...rows.values()] as T[])) {
      if ("put" in change) rows.set(change.put.key, change.put);
      else rows.delete(change.drop);
    }
  }
}
