/**
 * The outside world as the client sees it, so that tests can hand in another one.
 * Interfaces and the browser's own implementation of them; no policy.
 */

export interface Wire {
  send(text: string): void;
  close(code?: number): void;
  onopen: (() => void) | null;
  onmessage: ((message: { data: unknown }) => void) | null;
  onclose: ((close: { code: number }) => void) | null;
}

export interface World {
  connect(url: string): Wire;
  now(): number;
  random(): number;
  /** Calls back once after `ms`; the answer cancels. */
  after(ms: number, call: () => void): () => void;
}

export const browserWorld: World = {
  connect: (url) => new WebSocket(url, "parley.v1") as unknown as Wire,
  now: Date.now,
  random: Math.random,
  after(ms, call) {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};
