/**
 * When to try again and when to stop believing in a socket. Pure arithmetic over handed-in time:
 * no timer is set here.
 */

export const BACKOFF_BASE_MS = 500;
export const BACKOFF_CAP_MS = 30_000;

/** Exponential back-off with full jitter, so that a thousand clients do not come back as one. */
export function backoff(attempt: number, random: () => number, floor_ms = 0): number {
  const ceiling = Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** Math.min(attempt, 10));
  return floor_ms + random() * ceiling;
}

export interface Pulse {
  /** When anything at all was last heard. */
  heard: number;
  /** When the question still open was asked. */
  asked: number | null;
  /** How often it was asked since anything was heard. */
  asks: number;
  /** When the last tick ran: a long pause means that the machine or the tab slept. */
  ticked: number;
}

export const TICK_MS = 4_000;
export const QUIET_MS = 20_000;
export const PATIENCE_MS = 8_000;

/**
 * A half-open socket sends into the void and hears nothing; only an answer proves it alive.
 * After a sleep the question is asked at once, and its time counted from now: but once only, since
 * a tab in the background, whose timers run once a minute, sleeps between any two ticks.
 */
export function examine(pulse: Pulse, now: number, doubt = false): "fine" | "ask" | "dead" {
  const slept = now - pulse.ticked > 3 * TICK_MS;
  if (pulse.asked !== null) {
    if (slept && pulse.asks < 2) return "ask";
    return now - pulse.asked > PATIENCE_MS ? "dead" : "fine";
  }
  return doubt || slept || now - pulse.heard > QUIET_MS ? "ask" : "fine";
}
