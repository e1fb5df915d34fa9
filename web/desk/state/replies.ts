/** Canned replies: which one a half-written word means, and its text with the blanks filled in. Pure. */
import type { Reply } from "./settings";

export interface Asked {
  /** What was written behind the stroke. */
  word: string;
  /** Where the stroke is. */
  from: number;
}

const STROKE = /(?:^|\s)\/(\S*)$/;

/** A stroke that begins a word asks for a reply, up to where the caret is. */
export function asked(text: string, caret: number): Asked | null {
  const found = STROKE.exec(text.slice(0, caret));
  return found ? { word: found[1]!.toLowerCase(), from: caret - found[1]!.length - 1 } : null;
}

const SHOWN = 50;

/** Those whose shortcut begins so first, then those that say it; the department's own before others. */
export function matching(replies: Reply[], word: string, department: string | null): Reply[] {
  const rank = (reply: Reply): number => {
    const { shortcut, title, text } = reply;
    if (shortcut.toLowerCase().startsWith(word)) return 0;
    if (title.toLowerCase().includes(word)) return 1;
    return text.toLowerCase().includes(word) ? 2 : 3;
  };
  const foreign = (reply: Reply): number => Number(reply.department != null && reply.department !== department);
  return replies
    .filter((reply) => rank(reply) < 3)
    .sort((a, b) => rank(a) - rank(b) || foreign(a) - foreign(b) || a.shortcut.localeCompare(b.shortcut))
    .slice(0, SHOWN);
}

/** What is not known is left out, with the comma and the space before it, so that no greeting has a hole. */
export function filled(text: string, values: Record<string, string | null | undefined>): string {
  return text.replace(/(,? ?)\{\{\s*([\w.-]+)\s*\}\}/g, (_whole, before: string, key: string) => {
    const value = values[key];
    return value ? before + value : "";
  });
}
