/** What the browser keeps of the visitors it has been, and which of them it is now. */
import type { Db, Row } from "./db";

export interface Account extends Row {
  visitor: string;
  /** The secret to come back with. */
  resume: string;
  user?: string | undefined;
  conversation: string | null;
}

interface Current extends Row {
  visitor: string;
}

const CURRENT = "current";
const keyOf = (visitor: string): string => `visitor:${visitor}`;

export class Accounts {
  constructor(private readonly _db: Db) {}

  async current(): Promise<Account | undefined> {
    const current = await this._db.get<Current>("keep", CURRENT);
    return current && this.of(current.visitor);
  }

  of(visitor: string): Promise<Account | undefined> {
    return this._db.get<Account>("keep", keyOf(visitor));
  }

  /** From now on this browser is this visitor. */
  enter(account: Omit<Account, "key">): Promise<void> {
    const row: Account = { ...account, key: keyOf(account.visitor) };
    return this._db.change<Account | Current>("keep", () => [{ put: row }, { put: { key: CURRENT, visitor: account.visitor } }]);
  }

  /** From now on it is nobody; who it was is kept, for the words that may still be theirs. */
  leave(): Promise<void> {
    return this._db.change<Row>("keep", () => [{ drop: CURRENT }]);
  }

  forget(account: Account): Promise<void> {
    return this._db.change<Row>("keep", () => [{ drop: account.key }]);
  }

  placed(visitor: string, conversation: string): Promise<void> {
    return this._db.change<Account>("keep", (rows) =>
      rows.filter((row) => row.key === keyOf(visitor)).map((row) => ({ put: { ...row, conversation } })),
    );
  }
}
