/**
 * Several tabs of one person: one sends at a time, and each hears what another has changed.
 * Nothing here is needed for correctness (a command sent twice has its effect once); it keeps
 * order between tabs and work from being done twice.
 */
import type { Db, Row } from "./db";
import type { World } from "./ports";
import { uuid7 } from "./uuid";

export interface Tabs {
  /**
   * Runs `work` while no other tab runs work of this name; `still` turns false when it was taken over. `patient`: it may
   * take long, and where there are locks nobody takes it over from a tab that lives. Without them anybody does, from a
   * tab whose lease has run out, as that of one which the browser has put to sleep.
   */
  alone(name: string, work: (still: () => boolean) => Promise<void>, patient?: boolean): Promise<void>;
  tell(note: unknown): void;
  hear(listen: (note: unknown) => void): void;
}

/** A tab that holds the turn this long without end is taken to be frozen. */
const TAKE_OVER_MS = 15_000;

export function browserTabs(name: string, db: Db, world: World): Tabs {
  const channel = channelOf(name);
  // Only pages served over HTTPS have Web Locks, and in a sandboxed frame they refuse.
  const locks = navigator.locks as LockManager | undefined;
  const lease = new Lease(db, world);
  return {
    async alone(what, work, patient) {
      try {
        if (locks) return await (patient ? turn(locks, `${name}:${what}`, {}, work) : byLock(locks, `${name}:${what}`, work));
      } catch (error) {
        if ((error as Error).name !== "SecurityError") throw error;
      }
      return lease.alone(what, work);
    },
    tell: (note) => channel?.postMessage(note),
    hear: (listen) => {
      if (channel) channel.onmessage = (message) => listen(message.data);
    },
  };
}

/** Old browsers lack it, and some refuse it where storage is refused; then a tab hears nothing, and that is all. */
function channelOf(name: string): BroadcastChannel | null {
  try {
    return new BroadcastChannel(name);
  } catch {
    return null;
  }
}

type Work = (still: () => boolean) => Promise<void>;

async function byLock(locks: LockManager, name: string, work: Work): Promise<void> {
  try {
    await turn(locks, name, { signal: AbortSignal.timeout(TAKE_OVER_MS) }, work);
  } catch (error) {
    // TimeoutError: we waited too long. Anything else: our own turn was taken over, or the work failed.
    if ((error as { name?: string }).name !== "TimeoutError") throw error;
    await turn(locks, name, { steal: true }, work);
  }
}

async function turn(locks: LockManager, name: string, options: LockOptions, work: Work): Promise<void> {
  let held = true;
  try {
    await locks.request(name, options, () => work(() => held));
  } finally {
    held = false;
  }
}

interface LeaseRow extends Row {
  owner: string;
  until: number;
}

const LEASE_MS = 6_000;
const POLL_MS = 400;

/** The turn as a row with an end, for pages that have no Web Locks. */
export class Lease {
  private readonly _owner = uuid7();

  constructor(private readonly _db: Db, private readonly _world: World) {}

  async alone(name: string, work: Work): Promise<void> {
    const key = `lease:${name}`;
    while (!(await this._take(key))) await new Promise<void>((go) => this._world.after(POLL_MS, go));
    let held = true;
    let cancel = () => {};
    const renew = async (): Promise<void> => {
      // In this order: the work may have ended while the row was written.
      held = (await this._take(key)) && held;
      if (held) cancel = this._world.after(LEASE_MS / 3, renew);
    };
    await renew();
    try {
      await work(() => held);
    } finally {
      held = false;
      cancel();
      await this._release(key);
    }
  }

  private async _take(key: string): Promise<boolean> {
    let mine = false;
    await this._db.change<LeaseRow>("keep", (rows) => {
      const row = rows.find((one) => one.key === key);
      mine = !row || row.owner === this._owner || row.until < this._world.now();
      return mine ? [{ put: { key, owner: this._owner, until: this._world.now() + LEASE_MS } }] : [];
    });
    return mine;
  }

  private _release(key: string): Promise<void> {
    return this._db.change<LeaseRow>("keep", (rows) =>
      rows.some((row) => row.key === key && row.owner === this._owner) ? [{ drop: key }] : [],
    );
  }
}

/** One tab alone, for tests and for where nothing is shared. */
export const noTabs: Tabs = {
  alone: (_name, work) => work(() => true),
  tell: () => {},
  hear: () => {},
};
