/** How this agent is: what they say themselves, and what is said for them where they do nothing or have vanished. */
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
  /** Whether that was because no desk of theirs was connected. */
  gone: boolean;
}

type Say = (fields: { status: string; automatic?: true }) => Promise<unknown>;

export class Status {
  private readonly _idle = new Idle();
  private _active = Date.now();
  private _saying = false;
  /** What the agent has chosen and could not say yet. */
  private _wanted: string | null = null;
  private readonly _kept: Remembered<Kept>;

  constructor(
    private readonly _me: string,
    private readonly _roster: Roster,
    private readonly _workspace: Workspace,
    private readonly _say: Say,
    private readonly _tell: { failed(error: unknown): void; back(status: string): void },
  ) {
    this._kept = remembered<Kept>(`parley-desk-status:${_me}`, { chosen: "", before: "", gone: false });
  }

  /** Whoever was taken for gone while no desk was open, or none heard of it, is to come back; who chose it elsewhere is not. */
  loaded(): void {
    const { chosen } = this._kept.value.value;
    if (this._roster.mine()?.reason === null) return;
    if (this._roster.status.value === "offline" && chosen !== "" && chosen !== "offline") this._kept.change({ before: chosen, gone: true });
  }

  /** Whatever has taken this agent out of their status: each device that is worked at takes them back. */
  heard(event: LogEvent, before: string): void {
    const { automatic, reason, status } = (event.data ?? {}) as { automatic?: boolean; reason?: string; status?: string };
    if (event.type !== "agent.status_changed" || event.stream !== `agent-${this._me}`) return;
    if (!automatic && status) this._kept.change({ before: "", gone: false, chosen: status });
    else if (reason === "back") this._kept.change({ before: "", gone: false });
    else if (status !== before) this._kept.change({ before, gone: reason === "gone" });
  }

  /** Whoever chooses a status oneself is in it until they choose another. */
  async choose(status: string): Promise<void> {
    this._kept.change({ before: "", gone: false, chosen: status });
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
    if (this._wanted !== null) return void this._set(this._wanted, {});
    const status = this._roster.status.value;
    const { before, gone } = this._kept.value.value;
    const after_ms = this._workspace.settings.value.routing.away_after_s * 1_000;
    const step = this._idle.step({ now: Date.now(), active: this._lastActive(), status, available: this._workspace.available(status), after_ms, before });
    if (step === "away") {
      this._kept.change({ before: status, gone: false });
      void this._set("away", { automatic: true });
    }
    if (step === "back") {
      this._kept.change({ before: "", gone: false });
      void this._back(before, gone);
    }
  }

  /** What did not get through is tried again. */
  private async _back(before: string, gone: boolean): Promise<void> {
    if (!(await this._set(before, { automatic: true }))) this._kept.change({ before, gone });
    else if (gone) this._tell.back(before);
  }

  private async _set(status: string, how: { automatic?: true }): Promise<boolean> {
    const before = this._roster.status.value;
    this._roster.status.value = status;
    this._saying = true;
    this._wanted = null;
    try {
      await this._say({ status, ...how });
      return true;
    } catch (error) {
      const later = !how.automatic && (error as { code?: string }).code === "disconnected";
      if (later) this._wanted = status;
      else this._roster.status.value = before;
      if (!later && !how.automatic) this._tell.failed(error);
      return false;
    } finally {
      this._saying = false;
    }
  }
}
