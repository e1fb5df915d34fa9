/** What happens right now, asked again and again while somebody looks. */
import { signal } from "@preact/signals";
import { browserWorld } from "../../client/ports";
import type { Api } from "./api";
import { Latest } from "./latest";

export interface LiveAgent {
  id: string;
  name: string;
  status: string;
  status_since: string | null;
  online: boolean;
  load: number;
  capacity: number | null;
}

export interface Waiting {
  conversation: string;
  visitor: string;
  visitor_name: string | null;
  department: string | null;
  queued_at: string;
}

export interface Serving {
  conversation: string;
  visitor?: string;
  visitor_name: string | null;
  assignee: string;
  assignee_name: string | null;
  started_at: string;
  /** Since when the visitor waits for an answer. */
  unanswered_at: string | null;
}

export interface Now {
  as_of: number;
  agents: LiveAgent[];
  waiting: Waiting[];
  serving: Serving[];
  /** Visitors on the sites. */
  present: number;
  visits: { today: number; last_hour: number; by_hour: number[]; zone: string };
}

const LOOK_MS = 3_000;

export class Live {
  readonly asked = new Latest<Now>();
  /** What was seen last, and when; it stays in sight while the server cannot be reached. */
  readonly seen = signal<{ now: Now; at: number } | null>(null);
  private _stop: (() => void) | null = null;

  constructor(private readonly _api: Api) {}

  open(): void {
    if (this._stop) return;
    const look = () => void (document.visibilityState === "visible" && this._wake());
    document.addEventListener("visibilitychange", look);
    this._stop = () => document.removeEventListener("visibilitychange", look);
    void this.look();
  }

  leave(): void {
    this._stop?.();
    this._cancel();
    this._stop = null;
  }

  async look(): Promise<void> {
    this._cancel();
    await this.asked.load(() => this._api.live());
    const { state, value } = this.asked.now.peek();
    if (state === "ready") this.seen.value = { now: value!, at: Date.now() };
    if (!this._stop) return;
    this._cancel();
    this._cancel = browserWorld.after(LOOK_MS, () => this._wake());
  }

  /** In a page that nobody sees nothing is asked; it is when it is seen again. */
  private _wake(): void {
    if (document.visibilityState === "visible") void this.look();
  }

  private _cancel: () => void = () => {};
}

/** Agents as one looks for them: who is there first, and who has room. */
const RANK: Record<string, number> = { online: 0, busy: 2, away: 3, offline: 4 };

export function ranked(agents: readonly LiveAgent[]): LiveAgent[] {
  const rank = (one: LiveAgent): number => (one.online ? (RANK[one.status] ?? 1) : 9);
  return [...agents].sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
}
