/**
 * Command ids: UUID version 7 (RFC 9562), so that ids made later sort later in the server's index.
 * `crypto.randomUUID` is not used: pages without HTTPS do not have it.
 */

export function uuid7(now: number = Date.now(), bytes: Uint8Array = crypto.getRandomValues(new Uint8Array(10))): string {
  const b = [...bytes];
  b[0] = (b[0]! & 0x0f) | 0x70;
  b[2] = (b[2]! & 0x3f) | 0x80;
  const hex = (n: number, digits: number): string => n.toString(16).padStart(digits, "0");
  return (hex(now, 12) + b.map((byte) => hex(byte, 2)).join("")).replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
