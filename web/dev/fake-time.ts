/**
 * Time that goes on by the test's own hand, timer by timer, IndexedDB's steps among them: what one
 * timer sets off is over before the next one comes. So a seed is one run, however busy the machine.
 */
import { vi } from "vitest";

const CHECK_MS = 5;

/** The real one: it lets all promises that wait for no timer come to their end. */
const breath = setImmediate;

/** Its end is `vi.useRealTimers()`. */
export function holdTime(): void {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setImmediate", "clearImmediate", "Date"] });
}

async function tick(): Promise<void> {
  if (vi.getTimerCount() === 0) throw new Error("nothing will ever happen again");
  vi.advanceTimersToNextTimer();
  await new Promise((go) => breath(go));
}

export async function pause(ms: number): Promise<void> {
  let over = false;
  setTimeout(() => (over = true), ms);
  while (!over) await tick();
}

/** Time goes on until this work is done, and no further. */
export async function through<T>(work: Promise<T>): Promise<T> {
  let over = false;
  const end = (): void => void (over = true);
  work.then(end, end);
  await new Promise((go) => breath(go));
  while (!over) await tick();
  return work;
}

/** Until the check holds; out of patience, its last complaint. */
export async function until(patience_ms: number, check: () => unknown): Promise<void> {
  for (const end = Date.now() + patience_ms; ; await pause(CHECK_MS)) {
    try {
      await through(Promise.resolve(check()));
      return;
    } catch (error) {
      if (Date.now() >= end) throw error;
    }
  }
}
