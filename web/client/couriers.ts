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
import { noTabs, type Tabs } from "./tabs";

export class Couriers {
  private readonly sent = new Set<string>();

  constructor(
    private readonly db: Db,
    private readonly world: World,
    private readonly tabs: Tabs,
    private readonly accounts: Accounts,
    private readonly buy: (resume: string) => Promise<Login>,
  ) {}

  async send(current: string): Promise<void> {
    const rows = await this.db.all<Entry>("outbox");
    const writers = new Set(rows.filter((row) => !row.refused).map((row) => row.actor));
    for (const writer of writers) {
      const account = await this.accounts.of(writer);
      if (account && writer !== current && !this.sent.has(writer)) this.carry(account);
    }
  }

  private carry(account: Account): void {
    this.sent.add(account.visitor);
    const courier: Client = new Client("visitor", this.db, this.world, { ...this.tabs, hear: noTabs.hear }, {
      authorise: async () => {
        const login = await this.buy(account.resume);
        // The secret opens nothing any more: whoever this is, it is not them.
        if (login.actor !== account.visitor) queueMicrotask(() => courier.stop());
        return login;
      },
    });
    void courier.become(account.visitor).then(() => courier.start());
    effect(() => {
      const done = courier.pending.value.every((entry) => entry.refused);
      if (courier.phase.value === "online" && done) queueMicrotask(() => courier.stop());
    });
  }
}
