/**
 * Finds web addresses in what somebody wrote. Only http and https: anything else that looks like
 * an address stays text, so that no word of a stranger can run.
 */

export type Piece = string | { href: string; text: string };

const ADDRESS = /https?:\/\/[^\s<>"'，。！？、；：）】》]+/gi;

export function pieces(text: string): Piece[] {
  const out: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = match[0].replace(/[.,;:!?)\]}]+$/, "");
    if (!safe(address)) continue;
    if (match.index > end) out.push(text.slice(end, match.index));
    out.push({ href: address, text: address });
    end = match.index + address.length;
  }
  if (end < text.length) out.push(text.slice(end));
  return out;
}

function safe(address: string): boolean {
  try {
    return /^https?:$/.test(new URL(address).protocol);
  } catch {
    return false;
  }
}
