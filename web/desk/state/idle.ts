/**
 * When an agent who does nothing is away, and when they are back. Pure arithmetic over handed-in
 * time.
 *
 * Each device goes away once for each time that its agent falls idle there, so that an agent who
 * works at another one, which takes them back, is not sent away again and again.
 */

export interface Idling {
  now: number;
  /** When somebody last did something here. */
  active: number;
  status: string;
  /** Whether who is in that status gets conversations. */
  available: boolean;
  /** Milliseconds; 0: never. */
  after_ms: number;
  /** The status to come back to, where the timer has sent the agent away; else empty. */
  before: string;
}

/** Whoever did something a moment ago is here. */
const HERE_MS = 3_000;

export class Idle {
  private _fired = -1;

  step({ now, active, status, available, after_ms, before }: Idling): "away" | "back" | null {
    if (before && before !== status) return now - active < HERE_MS ? "back" : null;
    if (after_ms === 0 || !available || now - active < after_ms || this._fired === active) return null;
    this._fired = active;
    return "away";
  }
}
