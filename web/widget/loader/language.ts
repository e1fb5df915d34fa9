/** Which language is spoken to this visitor, before and after the chat is there. */
import { pick } from "../../i18n/pick";
import { stored } from "./stored";

/** What the button needs to say. */
export interface LauncherWords {
  open: string;
  openUnread: string;
  close: string;
  bar: string;
  failed: string;
}

/** The visitor's own choice goes first, then what the page says, the owner, and the browser. */
export function wanted(page: string | undefined, key: string, owner: string | null): readonly string[] {
  const chosen = stored<string>(`${key}:language`);
  return [chosen, page, owner].filter((tag): tag is string => !!tag).concat(navigator.languages);
}

export function language(spoken: string[], ...from: Parameters<typeof wanted>): string {
  return pick(spoken, wanted(...from));
}
