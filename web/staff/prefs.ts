/** What desk and console remember in common: who works here speaks one language in both. */
import { computed } from "@preact/signals";
import { byTag, pick } from "../i18n/pick";
import type { StaffWords } from "./messages/en";
import { remembered } from "./remembered";

export const languages = byTag<StaffWords>(import.meta.glob("./messages/*.ts", { eager: true, import: "default" }));

const kept = remembered("parley-staff", {
  language: pick(Object.keys(languages), navigator.languages),
  tenant: "",
  /** Signed out, but the server could not be told yet. */
  leaving: false,
});

export const prefs = kept.value;
export const prefer = kept.change;

/** A page's own words, by language, on top of those that all pages say. */
export function speaking<T extends object>(own: Record<string, T>): () => StaffWords & T {
  const words = computed(() => ({ ...spoken(languages), ...spoken(own) }));
  return () => words.value;
}

/** What a workspace has written itself, in the languages that it has it in. */
export type Texts = Record<string, string>;

/** In the reader's language, else in English, else in whichever comes first. */
export function worded(texts: Texts | undefined): string {
  return texts?.[prefs.value.language] ?? texts?.["en"] ?? Object.values(texts ?? {})[0] ?? "";
}

export const said = speaking({ en: {} });

function spoken<T>(all: Record<string, T>): T {
  return all[prefs.value.language] ?? all["en"]!;
}
