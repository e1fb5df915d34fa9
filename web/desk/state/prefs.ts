/** What this browser remembers of how its agent likes the desk. Small, and worth nothing to others. */
import { signal } from "@preact/signals";
import { byTag, pick } from "../../i18n/pick";
import type { Words } from "../messages/en";

export const languages = byTag<Words>(import.meta.glob("../messages/*.ts", { eager: true, import: "default" }));

const KEY = "parley-desk";

interface Prefs {
  language: string;
  sound: boolean;
  tenant: string;
  info: boolean;
  /** Signed out, but the server could not be told yet. */
  leaving: boolean;
}

function load(): Prefs {
  const fresh = { language: pick(Object.keys(languages), navigator.languages), sound: true, tenant: "", info: true, leaving: false };
  try {
    return { ...fresh, ...(JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Prefs>) };
  } catch {
    return fresh;
  }
}

export const prefs = signal(load());

export function prefer(change: Partial<Prefs>): void {
  prefs.value = { ...prefs.value, ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(prefs.value));
  } catch {
    // Storage is refused: the wish holds for this page.
  }
}

/** On a narrow screen the details lie over the talk: there they are a passing wish, and shut at first. */
const wide = matchMedia("(min-width: 1101px)");
export const info = signal(wide.matches && prefs.value.info);

export function showInfo(shown: boolean): void {
  info.value = shown;
  if (wide.matches) prefer({ info: shown });
}

export function words(): Words {
  return languages[prefs.value.language] ?? languages["en"]!;
}
