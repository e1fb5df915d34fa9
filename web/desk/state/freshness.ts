/**
 * Whether an event has just happened. Pure arithmetic over handed-in time.
 *
 * The event's time is the server's and now is this computer's, whose clock may be minutes off. No
 * event comes sooner than at once, so the smallest lag seen is how far the clocks are apart.
 */

const FRESH_MS = 60_000;

export class Freshness {
  private _apart = Infinity;

  fresh(at: string, now: number): boolean {
    const lag = now - Date.parse(at);
    this._apart = Math.min(this._apart, lag);
    return lag - this._apart <= FRESH_MS;
  }

  /** What the server's clock shows by now, to within the quickest way that anything took. */
  server(now: number): number {
    return Number.isFinite(this._apart) ? now - this._apart : now;
  }
}
