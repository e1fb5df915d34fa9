/**
 * Which language to speak, and the few things that every screen formats alike. The words
 * themselves belong to each screen: a file a language.
 */

/** Modules found by their file names: `./messages/zh.ts` speaks `zh`. */
export function byTag<T>(modules: Record<string, T>): Record<string, T> {
  const entries = Object.entries(modules).map(([path, module]) => [/([\w-]+)\.ts$/.exec(path)![1]!, module]);
  return Object.fromEntries(entries);
}

/** The first wanted language that is spoken, `zh-Hans-CN` counting as `zh`; else English. */
export function pick(spoken: string[], wanted: readonly string[]): string {
  for (const want of wanted) {
    const lower = want.toLowerCase();
    const found = spoken.find((tag) => lower === tag.toLowerCase() || lower.startsWith(`${tag.toLowerCase()}-`));
    if (found) return found;
  }
  return "en";
}

/** `{name}` in a text, filled in. */
export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, key: string) => String(values[key] ?? whole));
}

/** A text for each kind of number that its language knows: at least for `other` (CLDR's plural categories). */
export type Counted = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

/** `{n}` of something, as the language says that number of it. */
export function count(texts: Counted, n: number, language: string): string {
  return fill(texts[new Intl.PluralRules(language).select(n)] ?? texts.other, { n });
}

/** The reader's own region of the language that is spoken: British hours are not American ones. */
export function region(language: string): string {
  return navigator.languages.find((tag) => tag.startsWith(language)) ?? language;
}

export function clock(at: string | number, language: string): string {
  return new Date(at).toLocaleTimeString(region(language), { hour: "numeric", minute: "2-digit" });
}

export function day(at: string | number, language: string, today: string, yesterday: string): string {
  const date = new Date(at);
  const midnight = new Date().setHours(0, 0, 0, 0);
  if (date.getTime() >= midnight) return today;
  if (date.getTime() >= midnight - 86_400_000) return yesterday;
  const year = date.getFullYear() === new Date().getFullYear() ? {} : ({ year: "numeric" } as const);
  return date.toLocaleDateString(region(language), { month: "long", day: "numeric", ...year });
}

/** A moment that is still to come: the day as far as it is not today, and the time. */
export function upcoming(at: string, language: string): string {
  const date = new Date(at);
  const far = date.getTime() - Date.now() > 6 * 86_400_000;
  const sameDay = date.toDateString() === new Date().toDateString();
  const day = sameDay ? {} : far ? ({ day: "numeric", month: "long" } as const) : ({ weekday: "long" } as const);
  return date.toLocaleString(region(language), { ...day, hour: "numeric", minute: "2-digit" });
}
