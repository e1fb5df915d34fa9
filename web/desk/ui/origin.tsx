/** How a conversation came about: where, by which way, after which greeting, and what the visitor said of itself in a form. */
import type { Item as Line } from "../../client/thread";
import type { Page } from "../../client/types";
import { fill, region } from "../../i18n/pick";
import { Icon } from "../../staff/bits";
import { Time } from "../../staff/lines";
import { plain } from "../../staff/plain";
import { prefs } from "../../staff/prefs";
import type { Desk } from "../state/desk";
import { words } from "../state/prefs";
import { path } from "./path";

interface Props {
  desk: Desk;
  conversation: string;
  line: Line;
  who: string;
}

export function Origin({ desk, conversation, line, who }: Props) {
  const w = words();
  const data = line.data ?? {};
  const page = data["page"] as Page | undefined;
  const text = (key: string): string => (typeof data[key] === "string" ? (data[key] as string) : "");
  const greeting = data["greeting"] as { text?: string } | undefined;
  const department = desk.workspace.department(text("department"));
  const visitor = desk.listing.get(conversation)?.visitor;
  const profile = visitor ? desk.people.get(visitor)?.profile : undefined;
  const said = [profile?.name, profile?.email, profile?.phone, ...Object.entries(profile?.attributes ?? {}).map(([key, value]) => `${key}: ${value}`)].filter(Boolean).map((one) => plain(String(one)));
  const rule = text("reception");
  const invited = text("invitation") !== "";
  return (
    <div class="origin" data-testid="system" data-type={line.type}>
      <p>{fill(invited ? w.invitedHere : w.system[line.type]!, { who })} <Time at={line.at} /></p>
      <dl data-testid="origin">
        {page?.url && <Said label={w.onPage}><span title={page.url}>{page.title || path(page.url)}</span> <small>{path(page.url)}</small></Said>}
        {text("channel") && <Said label={w.channel}>{w.channels[text("channel")] ?? text("channel")}</Said>}
        {text("language") && <Said label={w.visitorLanguage}>{languageName(text("language"))}</Said>}
        {department && <Said label={w.department}>{department}</Said>}
        {rule && <Said label={w.rule}>{rule}</Said>}
        {said.length > 0 && <Said label={w.answers}><span class="short" title={said.join(" · ")}>{said.join(" · ")}</span></Said>}
      </dl>
      {invited && profile?.invited?.text && <blockquote><Icon name="invite" /><span><small>{profile.invited.name}</small>{profile.invited.text}</span></blockquote>}
      {greeting?.text && <blockquote><Icon name="invite" /><span><small>{w.greeting}</small>{greeting.text}</span></blockquote>}
    </div>
  );
}

function Said({ label, children }: { label: string; children: preact.ComponentChildren }) {
  return <div><dt>{label}</dt><dd>{children}</dd></div>;
}

export function languageName(tag: string): string {
  return named("language", tag);
}

export function countryName(code: string): string {
  return named("region", code.toUpperCase());
}

/** By its own name in the reader's language; a code that nobody knows stays what it is. */
function named(type: "language" | "region", code: string): string {
  try {
    return new Intl.DisplayNames([region(prefs.value.language)], { type }).of(code) ?? code;
  } catch {
    return code;
  }
}
