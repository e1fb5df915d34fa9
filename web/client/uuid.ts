/**
 * Command ids: UUID version 7 (RFC 9562), so that ids made later sort later in the server's index.
 * `crypto.randomUUID` is not used: pages without HTTPS do not have it.
 */

export function uuid7(now: number = Date.now(), bytes: Uint8Array = randomBytes()): string {
  const b = bytes.slice();
  for (let i = 0; i < 6; i++) b[i] = Math.floor(now / 2 ** (8 * (5 - i))) & 0xff;
  b[6] = (b[6]! & 0x0f) | 0x70;
  b[8] = (b[8]! & 0x3f) | 0x80;
  const hex = [...b].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function randomBytes(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(16));
}
