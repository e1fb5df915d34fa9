/**
 * Finds web addresses in what somebody wrote. Only http and https: anything else that looks like
 * an address stays text, so that no word of a stranger can run.
 */

export type Piece = string | { href: string };

/** It ends where no sign of a sentence stands: the full stop behind an address is not part of it. */
const ADDRESS = /https?:\/\/[^\s<>"'，。！？、；：）】》]*[^\s<>"'，。！？、；：）】》.,;:!?)\]}]/gi;

export function pieces(text: string): Piece[] {
  const out: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const [href] = match;
    if (match.index > end) out.push(text.slice(end, match.index));
    out.push({ href });
    end = match.index + href.length;
  }
  if (end < text.length) out.push(text.slice(end));
  return out;
}
