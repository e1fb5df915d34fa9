/**
 * What an agent has half written, by conversation, so that a reload or a crash does not take it.
 * It is this tab's own: two tabs may write different answers.
 */

export interface Draft {
  text: string;
  note: boolean;
}

const EMPTY: Draft = { text: "", note: false };

export class Drafts {
  private readonly _key: string;
  private readonly _drafts: Map<string, Draft>;

  constructor(agent: string, private readonly _storage: () => Storage = () => sessionStorage) {
    this._key = `parley-desk-drafts:${agent}`;
    this._drafts = new Map(this._read());
  }

  get(conversation: string): Draft {
    return this._drafts.get(conversation) ?? EMPTY;
  }

  set(conversation: string, draft: Draft): void {
    if (draft.text === "" && !draft.note) this._drafts.delete(conversation);
    else this._drafts.set(conversation, draft);
    this._attempt((storage) => storage.setItem(this._key, JSON.stringify([...this._drafts])));
  }

  /** Who signs out leaves no half sentence to the next one here. */
  forget(): void {
    this._drafts.clear();
    this._attempt((storage) => storage.removeItem(this._key));
  }

  private _read(): [string, Draft][] {
    const kept = this._attempt((storage) => JSON.parse(storage.getItem(this._key) ?? "[]") as [string, Draft][]);
    return Array.isArray(kept) ? kept : [];
  }

  /** Where storage is refused or full, drafts live as long as the page. */
  private _attempt<T>(work: (storage: Storage) => T): T | undefined {
    try {
      return work(this._storage());
    } catch {
      return undefined;
    }
  }
}
