/** How the forms of the console speak. */
import { fill } from "../../../i18n/pick";
import { prefs, said } from "../../../staff/prefs";
import { words } from "../../state/prefs";
import type { Problem } from "../../state/settings/checks";
import type { Actor, Texts } from "../../state/settings/values";
import { textIn } from "../../state/settings/values";

export const set = () => words().set;

/** Who changed something, as people are called here. */
export function actorName(actor: Actor | null | undefined): string {
  return actor?.name || set().actors[actor?.role ?? ""] || said().somebody;
}

export function checkText({ code, ...numbers }: Problem): string {
  return fill(set().checks[code] ?? code, { ...numbers });
}

/** A language as it is called in the reader's own. */
export function languageName(tag: string): string {
  try {
    return new Intl.DisplayNames([prefs.value.language], { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}

export function own(texts: Texts): string {
  return textIn(texts, prefs.value.language);
}

/** Several things said in one breath. */
export function listed(parts: string[], type: "conjunction" | "disjunction" = "conjunction"): string {
  return new Intl.ListFormat(prefs.value.language, { type }).format(parts);
}
