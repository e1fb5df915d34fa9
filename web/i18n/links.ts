/**
 * Finds web and e-mail addresses in what somebody wrote. Only http, https and mailto: anything else
 * that looks like an address stays text, so that no word of a stranger can run.
 */

export type Piece = string | { href: string; text: string };

/**
 * A web address ends where no sign of a sentence stands: the full stop behind it is not part of it. An
 * e-mail address is of signs that say nothing to a mail program. Each begins where no word goes on, and has
 * bounds, so that long texts of hardly an address take no time.
 */
const ADDRESS = new RegExp(
  [
    String.raw`(?:https?:\/\/|(?<![\w.@/-])www\.(?=[^\s.]))[^\s<>"'，。！？、；：）】》]*[^\s<>"'，。！？、；：）】》.,;:!?)\]}]`,
    String.raw`(?<![\w.+\-/@])[\w.+-]{1,64}@(?:[a-z\d-]{1,63}\.){1,8}[a-z]{2,24}(?![\w@-])`,
  ].join("|"),
  "gi",
);

export function pieces(text: string): Piece[] {
  const out: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const [found] = match;
    if (match.index > end) out.push(text.slice(end, match.index));
    out.push({ href: target(found), text: found });
    end = match.index + found.length;
  }
  if (end < text.length) out.push(text.slice(end));
  return out;
}

function target(found: string): string {
  if (/^https?:/i.test(found)) return found;
  return /^www\./i.test(found) ? `https://${found}` : `mailto:${found}`;
}
