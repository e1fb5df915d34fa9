/**
 * Words of whom this browser was before: they go out under their own writer, over a session that
 * lasts as long as that takes. Nothing of them is shown.
 */
import { effect } from "@preact/signals-core";
import type { Account, Accounts } from "./accounts";
import { Client, type Login } from "./client";
import type { Db } from "./db";
import type { World } from "./ports";
import type { Entry } from "./queue";
import type { Tabs } from "./tabs";

export class Couriers {
  private readonly _sent = new Set<string>();

  constructor(
    private readonly _db: Db,
    private readonly _world: World,
    private readonly _tabs: Tabs,
    private readonly _accounts: Accounts,
    private readonly _buy: (resume: string) => Promise<Login>,
  ) {}

  async send(current: string): Promise<void> {
    const rows = await this._db.all<Entry>("outbox");
    const writers = new Set(rows.filter((row) => !row.refused && !row.awaits).map((row) => row.actor));
    for (const writer of writers) {
      const account = await this._accounts.of(writer);
      if (account && writer !== current && !this._sent.has(writer)) this._carry(account);
    }
  }

  private _carry(account: Account): void {
    this._sent.add(account.visitor);
    const courier: Client = new Client("visitor", this._db, this._world, { ...this._tabs, hear: () => {} }, {
      authorise: async () => {
        const login = await this._buy(account.resume);
        // The secret opens nothing any more: whoever this is, it is not them.
        if (login.actor !== account.visitor) queueMicrotask(() => courier.stop());
        return login;
      },
    });
    void courier.become(account.visitor).then(() => courier.start());
    effect(() => {
      const done = courier.outbox.pending.value.every((entry) => entry.refused || entry.awaits);
      if (courier.phase.value === "online" && done) queueMicrotask(() => courier.stop());
    });
  }
}
