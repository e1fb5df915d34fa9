/** Rules in their order, keys made of names, passwords drawn. */

export function inOrder<T extends { order: number; name: string }>(rules: readonly T[]): T[] {
  return [...rules].sort((a, b) => a.order - b.order || (a.name < b.name ? -1 : 1));
}

/** The list with one of it moved; as it is where there is no further. */
export function moved<T>(list: readonly T[], from: number, by: number): T[] {
  const to = from + by;
  if (to < 0 || to >= list.length) return [...list];
  const out = [...list];
  out.splice(to, 0, ...out.splice(from, 1));
  return out;
}

/** A key that is like the name, and not taken. Of a name in another script nothing is left but what it is. */
export function keyOf(name: string, kind: string, taken: ReadonlySet<string>): string {
  const plain = name.normalize("NFKD").replace(/[^\w\s-]/g, "").trim().toLowerCase().replace(/[\s_]+/g, "-").replace(/^[^a-z]+/, "").slice(0, 28).replace(/-+$/, "");
  const base = plain || kind;
  if (!taken.has(base)) return base;
  for (let n = 2; ; n++) if (!taken.has(`${base}-${n}`)) return `${base}-${n}`;
}

/** Without what is easily taken for another: 32 signs, so that five bits draw one evenly. */
const SIGNS = "abcdefghijkmnpqrstuvwxyz23456789";
const LENGTH = 16;

export function drawPassword(): string {
  return [...crypto.getRandomValues(new Uint8Array(LENGTH))].map((byte) => SIGNS[byte % SIGNS.length]).join("");
}
