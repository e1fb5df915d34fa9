/**
 * The bytes of files on their way up, so that another page can go on with them. They lie in a
 * database of their own: what finds no room there must not cost the words their place.
 */
import { opened, result } from "./db";

/** Larger files are not copied: that would take long, and mostly they are refused. */
const LARGEST_BYTES = 128 * 1024 * 1024;
const TABLE = "blobs";

export interface Blobs {
  /** Where there is no room, this page alone has them. */
  keep(key: string, file: File): Promise<void>;
  get(key: string): Promise<Blob | undefined>;
  drop(key: string): Promise<void>;
  keys(): Promise<string[]>;
}

export async function openBlobs(name: string, factory?: IDBFactory): Promise<Blobs> {
  try {
    return new KeptBlobs(await opened(factory ?? globalThis.indexedDB, `${name}:files`, [TABLE]));
  } catch {
    return new PageBlobs();
  }
}

/** For as long as the page is there. */
export class PageBlobs implements Blobs {
  private readonly _files = new Map<string, File>();

  async keep(key: string, file: File): Promise<void> {
    this._files.set(key, file);
  }

  async get(key: string): Promise<Blob | undefined> {
    return this._files.get(key);
  }

  async drop(key: string): Promise<void> {
    this._files.delete(key);
  }

  async keys(): Promise<string[]> {
    return [...this._files.keys()];
  }
}

class KeptBlobs extends PageBlobs {
  constructor(private readonly _db: IDBDatabase) {
    super();
    _db.onversionchange = () => _db.close();
  }

  override async keep(key: string, file: File): Promise<void> {
    await super.keep(key, file);
    if (file.size > LARGEST_BYTES) return;
    await this._do("readwrite", (store) => store.put({ key, blob: file })).catch(() => {});
  }

  /** As this page has it, which needs no copy; else as an earlier one kept it. */
  override async get(key: string): Promise<Blob | undefined> {
    const here = await super.get(key);
    return here ?? this._do<{ blob: Blob } | undefined>("readonly", (store) => store.get(key)).then((row) => row?.blob, () => undefined);
  }

  override async drop(key: string): Promise<void> {
    await super.drop(key);
    await this._do("readwrite", (store) => store.delete(key)).catch(() => {});
  }

  override keys(): Promise<string[]> {
    return this._do<string[]>("readonly", (store) => store.getAllKeys()).catch(() => super.keys());
  }

  /** Done when it is on disk: a want of room is told only then. */
  private _do<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest): Promise<T> {
    return new Promise((resolve, reject) => {
      const transaction = this._db.transaction(TABLE, mode);
      const done = result<T>(act(transaction.objectStore(TABLE)) as IDBRequest<T>);
      transaction.oncomplete = () => void done.then(resolve, reject);
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
  }
}
