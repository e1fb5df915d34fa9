/** A tenant's settings in the shapes of the contract, and what a fresh one of each kind is. */

/** A language tag and what is said in that language. */
export type Texts = Record<string, string>;

export interface Actor {
  role: string;
  id: string;
  name?: string | null;
}

/** Who said so, and when; nobody yet where it is as it comes. */
export interface Changed {
  /** Of what it was last said. */
  version?: number;
  changed_at?: string | null;
  changed_by?: Actor | null;
}

/** What somebody has seen who changes it: a version, or that there is none yet. Not known: whatever there is. */
export type Seen = number | "none" | undefined;

export const STRATEGIES = ["round_robin", "least_busy", "manual"] as const;
export type Strategy = (typeof STRATEGIES)[number];

export interface Department {
  name: string;
  strategy: Strategy | null;
  offered: boolean;
}

export interface Reply {
  shortcut: string;
  title: string;
  text: string;
  department: string | null;
  file: string | null;
}

export const SOURCES = ["direct", "search", "social", "campaign", "referral"] as const;
export type Source = (typeof SOURCES)[number];

/** What is not said is no condition. */
export interface WelcomeWhen {
  page?: string | null;
  source?: Source | null;
  campaign?: string | null;
  after_s?: number | null;
  returning?: boolean | null;
  opening?: "open" | "closed" | null;
}

export interface Welcome {
  name: string;
  enabled: boolean;
  order: number;
  sites: string[];
  when: WelcomeWhen;
  text: Texts;
  open: boolean;
}

export const CHANNELS = ["widget", "inline", "link", "api"] as const;
export type Channel = (typeof CHANNELS)[number];

export interface ReceptionWhen {
  site?: string | null;
  page?: string | null;
  channel?: Channel | null;
  language?: string | null;
  department?: string | null;
}

export interface Reception {
  name: string;
  enabled: boolean;
  order: number;
  when: ReceptionWhen;
  then: { department?: string | null; skills: string[]; tags: string[] };
}

export interface Status {
  name: Texts;
  available: boolean;
}

export interface Routing {
  strategy: Strategy;
  capacity: number;
  release_after_s: number;
  remind_after_s: number;
  missed_after_s: number;
  away_after_s: number;
}

/** Minutes from the day's midnight; what ends behind 1,440 goes on into the next day. */
export type Shift = [begin: number, end: number];

export interface Holiday {
  day: string;
  shifts: Shift[];
}

export interface Hours {
  zone: string;
  week: Shift[][];
  holidays: Holiday[];
}

export const KINDS = ["text", "email", "tel", "select", "textarea", "checkbox"] as const;
export type Kind = (typeof KINDS)[number];

export interface FormField {
  key: string;
  kind: Kind;
  label: Texts;
  required: boolean;
  options: Texts[];
}

export interface Form {
  intro: Texts;
  fields: FormField[];
}

export const SPOKEN = ["title", "subtitle", "greeting", "launcher", "placeholder", "away", "thanks"] as const;
export type Spoken = (typeof SPOKEN)[number];

export interface Appearance {
  color: string;
  theme: "light" | "dark" | "auto";
  side: "right" | "left";
  offset_x: number;
  offset_y: number;
  launcher: "round" | "bar";
  language: string | null;
  texts: Record<string, Partial<Record<Spoken, string>>>;
  logo: string | null;
  prechat: Form | null;
  offline: Form | null;
  files: boolean;
  emoji: boolean;
  rating: boolean;
  hide_when_closed: boolean;
}

export interface Site {
  name: string;
  origins: string[];
}

export interface SiteEntry extends Site, Changed {
  site: string;
  appearance?: (Partial<Appearance> & Changed) | null;
  snippet?: string;
  secret_changed_at?: string | null;
  secret_changed_by?: Actor | null;
}

/** What `GET /v1/settings` says to an administrator. */
export interface AllSettings {
  version: number;
  departments: (Department & Changed & { department: string })[];
  replies: (Reply & Changed & { reply: string })[];
  welcomes: (Welcome & Changed & { rule: string })[];
  receptions: (Reception & Changed & { rule: string })[];
  statuses: (Status & Changed & { status: string })[];
  routing: (Routing & Changed) | null;
  tags: ({ tags: string[] } & Changed) | null;
  hours: (Hours & Changed) | null;
  open: boolean;
  sites: SiteEntry[];
  /** They can be had again as they were. */
  removed_sites?: ({ site: string; name: string } & Changed)[];
}

export const ROLES = ["agent", "limited", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** An agent as an administrator sees and changes it. */
export interface AgentValue {
  name: string;
  role: Role;
  departments: string[];
  skills: string[];
  /** Null: as many as the tenant's routing says. */
  capacity: number | null;
}

export type AgentEntry = AgentValue & Changed & { id: string; email: string; status: string; online: boolean; load: number };

export const USUAL_ROUTING: Routing = {
  strategy: "manual", capacity: 5, release_after_s: 300, remind_after_s: 120, missed_after_s: 300, away_after_s: 600,
};

export const PLAIN_LOOK: Appearance = {
  color: "#2f5bea", theme: "auto", side: "right", offset_x: 20, offset_y: 20, launcher: "round", language: null, texts: {}, logo: null,
  prechat: null, offline: null, files: true, emoji: true, rating: true, hide_when_closed: false,
};

export const DAY = 1_440;
const OFFICE: Shift[] = [[540, 1_020]];

export function usualHours(): Hours {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return { zone, week: [OFFICE, OFFICE, OFFICE, OFFICE, OFFICE, [], []], holidays: [] };
}

/** What the value is without who changed it when, and without its own key. */
export function plain<T extends object>(entry: T & Changed, ...keys: string[]): T {
  const left = new Set(["version", "changed_at", "changed_by", ...keys]);
  return Object.fromEntries(Object.entries(entry).filter(([name]) => !left.has(name))) as T;
}

/** The text in the reader's language, else in English, else the first that says something. */
export function textIn(texts: Texts, language: string): string {
  return texts[language] || texts["en"] || Object.values(texts).find(Boolean) || "";
}
