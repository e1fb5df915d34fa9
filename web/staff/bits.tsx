/** The small things that the pages of those who work here are made of. */
import type { ComponentChildren } from "preact";
import { plain } from "./plain";
import { said } from "./prefs";

const PATHS = {
  inbox: "M4 13l2.5-8h11L20 13v6H4v-6h4.500l1.5 2.500h4l1.5-2.500H20",
  sound: "M5 9.500v5h3.500L13 18.500v-13L8.5 9.500H5M16.5 9a4 4 0 0 1 0 6M19 6.500a7.5 7.5 0 0 1 0 11",
  mute: "M5 9.500v5h3.500L13 18.500v-13L8.5 9.500H5M17 10l4 4M21 10l-4 4",
  globe: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M3.5 12h17M12 3c3 3 3 15 0 18M12 3c-3 3-3 15 0 18",
  help: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M9.5 9.500a2.5 2.5 0 1 1 3.6 2.200c-.7.35-1.1.9-1.1 1.800M12 16.800v.01",
  leave: "M14 4h5v16h-5M10 8l-4 4 4 4M6 12h9",
  close: "M6.5 6.500l11 11M17.5 6.500l-11 11",
  back: "M14.5 5l-7 7 7 7",
  send: "M12 19V5M6 11l6-6 6 6",
  side: "M4 5h16v14H4zM14.5 5v14",
  find: "M10.5 4.500a6 6 0 1 0 0 12 6 6 0 0 0 0-12M15 15l5 5",
  check: "M5 12.500l4.5 4.500L19 7.5",
  checks: "M2 12.500l4.500 4.500L16 7.500M11 16l1 1L21.5 7.500",
  hand: "M5 12.500V8a1.5 1.5 0 0 1 3 0V5.500a1.5 1.5 0 0 1 3 0V5a1.5 1.5 0 0 1 3 0v1.500a1.5 1.5 0 0 1 3 0V14a6 6 0 0 1-6 6h-.500c-2 0-3.3-.8-4.3-2.500L3.5 14.5",
  swap: "M4 8h13M13.5 4.500L17 8l-3.5 3.500M20 16H7M10.5 12.500L7 16l3.5 3.5",
  person: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8M4.5 20c.8-3.7 3.7-5.5 7.5-5.500s6.7 1.8 7.5 5.5",
  again: "M4.5 12a7.5 7.5 0 1 0 2.5-5.600M7 3v3.700h3.7",
  filter: "M4 6h16M7 12h10M10 18h4",
  menu: "M4 7h16M4 12h16M4 17h16",
  play: "M7 5l12 7-12 7z",
  pause: "M8 5v14M16 5v14",
  copy: "M9 9h11v11H9zM15 9V4H4v11h5",
  download: "M12 4v11M7 10.500l5 5 5-5M5 20h14",
  print: "M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z",
  forth: "M9.5 5l7 7-7 7",
  tag: "M4 4h7l9 9-7 7-9-9V4M8 8h.01",
  people: "M9 5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7M2.5 19c.6-3.2 3-5 6.5-5s5.9 1.8 6.5 5M16 5.300a3.5 3.5 0 0 1 0 6.400M18 14.300c2 .6 3.200 2.200 3.500 4.700",
  bell: "M6 16.500V11a6 6 0 0 1 12 0v5.500l1.5 1.500h-15L6 16.500M10.5 20.500h3",
  clip: "M19 11.500l-7.300 7.300a4.5 4.500 0 0 1-6.400-6.400l8-8a3 3 0 0 1 4.300 4.300l-7.800 7.800a1.5 1.5 0 0 1-2.200-2.200l7.100-7",
  smile: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M8.5 14.200c1.8 2.400 5.200 2.400 7 0M9 9.500v.01M15 9.500v.01",
  bolt: "M13 3L5 13.500h6L10 21l8-10.500h-6L13 3",
  out: "M4 12h11M11 7.500l4.500 4.500-4.500 4.500M19.500 5v14",
  edit: "M4.5 19.500l1-4L16 5l3 3L8.5 18.500l-4 1M13.500 7.500l3 3",
  invite: "M4 5h16v11h-9l-4.500 4v-4H4zM12 8v5M9.5 10.500h5",
};

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" fill="none" stroke="currentColor"
      stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round"><path d={PATHS[name]} /></svg>
  );
}

interface ToolProps {
  icon: IconName;
  label: string;
  testid?: string;
  active?: boolean;
  onClick: () => void;
}

export function Tool({ icon, label, testid, active, onClick }: ToolProps) {
  return (
    <button type="button" class={`tool ${active ? "is-active" : ""}`} title={label} aria-label={label} data-testid={testid} onClick={onClick}>
      <Icon name={icon} />
    </button>
  );
}

/** The same person has the same colour everywhere. */
export function Face({ name, id }: { name: string; id: string }) {
  const hue = [...id].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 997, 7) % 8;
  return <span class={`face hue-${hue}`} aria-hidden="true">{[...plain(name).trim()][0]?.toUpperCase() ?? "?"}</span>;
}

/** Whether somebody is there right now, in words too for those who do not see a dot. */
export function Here({ kind, label }: { kind: string; label: string }) {
  return <i class={`dot dot-${kind}`} role="img" aria-label={label} title={label} data-testid="presence" data-kind={kind} />;
}

/** Strangers are told apart by the end of their id. */
export function visitorName(id: string | undefined, name: string | null | undefined): string {
  if (name) return plain(name);
  return id ? `${said().nobody} ${id.slice(-4)}` : said().nobody;
}

export function Empty({ title, text, testid }: { title: string; text?: string; testid?: string }) {
  return (
    <div class="empty" data-testid={testid}>
      <svg viewBox="0 0 120 90" width="120" height="90" aria-hidden="true" class="empty-art">
        <rect x="8" y="14" width="66" height="42" rx="13" /><path d="M24 56v13l14-13" />
        <rect x="50" y="34" width="62" height="38" rx="13" class="front" /><path class="front" d="M97 72v11L84 72" />
        <path d="M66 49h30M66 58h19" class="text" />
      </svg>
      <strong>{title}</strong>
      {text && <p>{text}</p>}
    </div>
  );
}

export function errorText(code: string, message: string): string {
  const { errors } = said();
  return errors[code] ?? (message || errors["other"]!);
}

export function Field({ label, children }: { label: string; children: ComponentChildren }) {
  return <div class="fact"><dt>{label}</dt><dd>{children}</dd></div>;
}
