/**
 * What a site says of its chat, as `GET /v1/sites/{site}/widget` answers it. Types, and what holds
 * where it has said nothing; loader and chat read the same.
 */

/** A text in each language that its owner wrote it in. */
export type Texts = Record<string, string>;

export type Kind = "text" | "email" | "tel" | "select" | "textarea" | "checkbox";

export interface Field {
  /** `name`, `email`, `phone`, `department`, `question`, or a word of the owner's. */
  key: string;
  kind: Kind;
  label: Texts;
  required?: boolean;
  options?: Texts[];
}

export interface Form {
  intro?: Texts;
  fields: Field[];
}

export type OwnText = "title" | "subtitle" | "greeting" | "launcher" | "placeholder" | "away" | "thanks";

export interface Appearance {
  color: string;
  theme: "light" | "dark" | "auto";
  side: "right" | "left";
  offset_x: number;
  offset_y: number;
  launcher: "round" | "bar";
  language: string | null;
  texts: Record<string, Partial<Record<OwnText, string>>>;
  prechat: Form | null;
  offline: Form | null;
  files: boolean;
  emoji: boolean;
  rating: boolean;
  hide_when_closed: boolean;
}

export interface When {
  page?: string | null;
  source?: string | null;
  campaign?: string | null;
  after_s?: number | null;
  returning?: boolean | null;
  opening?: "open" | "closed" | null;
}

export interface Welcome {
  rule: string;
  when: When;
  text: Texts;
  /** Open the window instead of a bubble beside the button. */
  open: boolean;
}

export interface Site {
  name: string;
  appearance: Appearance;
  welcomes: Welcome[];
  open: boolean;
  opens_at: string | null;
  departments: { department: string; name: string }[];
  /** Whether the owner lets this page have it. */
  allowed: boolean;
  /** How large a file may be; 0: not known. */
  max_file_bytes: number;
}

const APPEARANCE: Appearance = {
  color: "#2f5bea", theme: "auto", side: "right", offset_x: 20, offset_y: 20, launcher: "round", language: null, texts: {},
  prechat: null, offline: null, files: true, emoji: true, rating: true, hide_when_closed: false,
};

/** With everything filled in: an answer may be of an older server, or there may be none. */
export function completed(said: Partial<Site> | null): Site {
  const site = { name: "", welcomes: [], open: true, opens_at: null, departments: [], allowed: true, max_file_bytes: 0, ...said };
  return { ...site, appearance: { ...APPEARANCE, ...said?.appearance } };
}

/** In the reader's language, else in English, else in the first that there is. */
export function inLanguage<T>(texts: Record<string, T> | null | undefined, language: string): T | undefined {
  const all = texts ?? {};
  return all[language] ?? all[language.split("-")[0]!] ?? all["en"] ?? Object.values(all)[0];
}
