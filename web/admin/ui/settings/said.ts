/** Texts without the languages in which nothing is said. */
import type { Texts } from "../../state/settings/values";

export function said(texts: Texts): Texts {
  return Object.fromEntries(Object.entries(texts).map(([language, text]) => [language, text.trim()] as const).filter(([, text]) => text !== ""));
}
