/** How this agent is: what they say themselves, and what the idle timer says where they do nothing. */
import type { LogEvent } from "../../client/types";
import { remembered, type Remembered } from "../../staff/remembered";
import { Idle } from "./idle";
import type { Roster } from "./roster";
import type { Workspace } from "./settings";

const LOOK_MS = 1_000;
const NOTE_MS = 1_000;

interface Kept {
  /** What the agent has said last. */
  chosen: string;
  /** The status that Parley took the agent out of, to come back to; empty where it did not. */
  before: string;
}

type Say = (fields: { status: string; automatic?: true }) => Promise<unknown>;

export class Status {
  private readonly _idle = new Idle();
  private _active = Date.now();
  private _saying = false;
  private readonly _kept: Remembered<Kept>;

  constructor(
    private readonly _me: string,
    private readonly _roster: Roster,
    private readonly _workspace: Workspace,
    private readonly _say: Say,
    private readonly _complain: (error: unknown) => void,
  ) {
    this._kept = remembered<Kept>(`parley-desk-status:${_me}`, { chosen: "", before: "" });
  }

  /** Whoever was taken for gone while no desk was open is back now. */
  begin(): void {
    const { chosen } = this._kept.value.value;
    if (this._roster.status.value === "offline" && chosen !== "" && chosen !== "offline") this._kept.change({ before: chosen });
  }

  /** The timer of whichever device has sent this agent away; each that is worked at takes them back. */
  heard(event: LogEvent, before: string): void {
    const { automatic, reason, status } = (event.data ?? {}) as { automatic?: boolean; reason?: string; status?: string };
    if (event.type !== "agent.status_changed" || event.stream !== `agent-${this._me}`) return;
    if (!automatic || reason === "back") this._kept.change({ before: "" });
    else if (status !== before) this._kept.change({ before });
  }

  /** Whoever chooses a status oneself is in it until they choose another. */
  async choose(status: string): Promise<void> {
    this._kept.change({ before: "", chosen: status });
    await this._set(status, {});
  }

  /** Looks at the clock until `signal` says that it is over. */
  watch(online: () => boolean, signal: AbortSignal): void {
    const acted = () => this._acted();
    for (const name of ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"]) addEventListener(name, acted, { signal, passive: true });
    const timer = setInterval(() => void (online() && this._look()), LOOK_MS);
    signal.addEventListener("abort", () => clearInterval(timer));
  }

  /** Another tab of this browser, where the agent works, counts as here. */
  private _acted(): void {
    const now = Date.now();
    if (now - this._active < NOTE_MS) return;
    this._active = now;
    try {
      localStorage.setItem(this._activeKey, String(now));
    } catch {
      // Storage is refused: each tab counts for itself.
    }
  }

  private get _activeKey(): string {
    return `parley-desk-active:${this._me}`;
  }

  private _lastActive(): number {
    try {
      return Math.max(this._active, Number(localStorage.getItem(this._activeKey)) || 0);
    } catch {
      return this._active;
    }
  }

  private _look(): void {
    if (this._saying) return;
    const status = this._roster.status.value;
    const { before } = this._kept.value.value;
    const after_ms = this._workspace.settings.value.routing.away_after_s * 1_000;
    const step = this._idle.step({ now: Date.now(), active: this._lastActive(), status, available: this._workspace.available(status), after_ms, before });
    if (step === "away") {
      this._kept.change({ before: status });
      void this._set("away", { automatic: true });
    }
    if (step === "back") {
      this._kept.change({ before: "" });
      void this._set(before, { automatic: true });
    }
  }

  private async _set(status: string, how: { automatic?: true }): Promise<void> {
    const before = this._roster.status.value;
    this._roster.status.value = status;
    this._saying = true;
    try {
      await this._say({ status, ...how });
    } catch (error) {
      this._roster.status.value = before;
      if (!how.automatic) this._complain(error);
    } finally {
      this._saying = false;
    }
  }
}
