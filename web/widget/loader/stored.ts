/** Small things that a browser keeps for us, or refuses to: for good, or for as long as a tab is open. */

export function stored<T>(key: string): T | null {
  return read<T>(() => localStorage, key);
}

export function store(key: string, value: unknown): void {
  write(() => localStorage, key, value);
}

/** This tab's own. */
export function kept<T>(key: string): T | null {
  return read<T>(() => sessionStorage, key);
}

export function keep(key: string, value: unknown): void {
  write(() => sessionStorage, key, value);
}

function read<T>(place: () => Storage, key: string): T | null {
  try {
    return JSON.parse(place().getItem(key) ?? "null") as T | null;
  } catch {
    return null;
  }
}

function write(place: () => Storage, key: string, value: unknown): void {
  try {
    place().setItem(key, JSON.stringify(value));
  } catch {
    // Storage is refused or full: the next page begins anew.
  }
}
