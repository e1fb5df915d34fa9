/** Small wishes that this browser keeps under one name, and that are worth nothing to others. */
import { signal, type ReadonlySignal } from "@preact/signals";

export interface Remembered<T> {
  value: ReadonlySignal<T>;
  change(wish: Partial<T>): void;
}

export function remembered<T extends object>(key: string, fresh: T): Remembered<T> {
  const value = signal<T>({ ...fresh, ...stored<T>(key) });
  const change = (wish: Partial<T>): void => {
    // Another page of this browser may have changed something else meanwhile.
    value.value = { ...value.value, ...stored<T>(key), ...wish };
    try {
      localStorage.setItem(key, JSON.stringify(value.value));
    } catch {
      // Storage is refused: the wish holds for this page.
    }
  };
  return { value, change };
}

function stored<T>(key: string): Partial<T> {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "{}") as Partial<T>;
  } catch {
    return {};
  }
}
