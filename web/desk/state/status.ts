/** How this agent is: what they say themselves, and what the idle timer says where they do nothing. */
import { Idle } from "./idle";
import { wish, wishes } from "./prefs";
import type { Roster } from "./roster";
import type { Workspace } from "./settings";

const LOOK_MS = 1_000;
const NOTE_MS = 1_000;

type Say = (fields: { status: string; automatic?: true }) => Promise<unknown>;

export class Status {
  private readonly _idle = new Idle();
  private _active = Date.now();
  private _saying = false;

  constructor(
    private readonly _roster: Roster,
    private readonly _workspace: Workspace,
    private readonly _say: Say,
    private readonly _complain: (error: unknown) => void,
  ) {}

  /** Whoever chooses a status oneself is in it until they choose another. */
  async choose(status: string): Promise<void> {
    wish({ before: "" });
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
      localStorage.setItem("parley-desk-active", String(now));
    } catch {
      // Storage is refused: each tab counts for itself.
    }
  }

  private _lastActive(): number {
    try {
      return Math.max(this._active, Number(localStorage.getItem("parley-desk-active")) || 0);
    } catch {
      return this._active;
    }
  }

  private _look(): void {
    if (this._saying) return;
    const status = this._roster.status.value;
    const { before } = wishes.value;
    const after_ms = this._workspace.settings.value.routing.away_after_s * 1_000;
    const step = this._idle.step({ now: Date.now(), active: this._lastActive(), status, available: this._workspace.available(status), after_ms, before });
    if (step === "away") {
      wish({ before: status });
      void this._set("away", { automatic: true });
    }
    if (step === "back") {
      wish({ before: "" });
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
