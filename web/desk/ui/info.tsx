/** Beside the conversation: who the visitor is, where they are and have been, and what was said with them before. */
import { clock, fill, region } from "../../i18n/pick";
import { Face, Field, Tool } from "../../staff/bits";
import { prefs } from "../../staff/prefs";
import type { Profile, SeenPage, Source } from "../state/api";
import type { Desk } from "../state/desk";
import type { Item } from "../state/inbox";
import { showInfo, words } from "../state/prefs";
import { Contact } from "./contact";
import { countryName, languageName } from "./origin";
import { path } from "./path";
import { when } from "./row";
import { Tags } from "./tags";
import { visitorName } from "./visitor";

interface Props {
  desk: Desk;
  id: string;
  item: Item | undefined;
}

export function Info({ desk, id, item }: Props) {
  const w = words();
  const person = item && desk.people.get(item.visitor);
  const erased = item?.status === "erased";
  return (
    <aside class="info" aria-label={w.details} data-testid="info">
      <header>
        <Face name={item?.visitor_name ?? w.nobody} id={item?.visitor ?? id} />
        <strong>{visitorName(item)}</strong>
        <small class={item?.visitor_online ? "is-here" : ""}>{item?.visitor_online ? w.here : w.gone}</small>
        <span class="only-narrow"><Tool icon="close" label={w.hideDetails} testid="info-close" onClick={() => showInfo(false)} /></span>
      </header>
      {item && !erased && <Contact desk={desk} id={id} visitor={item.visitor} name={item.visitor_name} profile={person?.profile ?? null} />}
      {!erased && <Tags desk={desk} id={id} tags={item?.tags ?? desk.talks.transcript(id).tags} />}
      <Circumstances desk={desk} id={id} item={item} profile={person?.profile ?? null} />
      <Pages desk={desk} item={item} first={desk.talks.transcript(id).page} seen={person?.pages ?? []} />
      <Earlier desk={desk} item={item} known={person?.earlier ?? []} />
    </aside>
  );
}

function Circumstances({ desk, id, item, profile }: Props & { profile: Profile | null }) {
  const w = words();
  const view = desk.talks.transcript(id);
  const served = desk.roster.nameOf(item?.assignee) ?? item?.assignee_name ?? view.agent?.name;
  const department = desk.workspace.department(item?.department ?? view.department);
  const { rating } = item ?? view;
  return (
    <section>
      <h2>{w.conversation}</h2>
      <dl>
        <Field label={w.assignee}>{served ?? w.none}</Field>
        {department && <Field label={w.department}>{department}</Field>}
        {item && <Field label={w.started}>{moment(item.started_at)}</Field>}
        {item?.channel && <Field label={w.channel}>{w.channels[item.channel] ?? item.channel}</Field>}
        {rating && <Field label={w.rating}><span class="stars" role="img" aria-label={`${rating} / 5`}>{"★".repeat(rating)}<i>{"★".repeat(5 - rating)}</i></span></Field>}
      </dl>
      {profile && <Whereabouts profile={profile} />}
    </section>
  );
}

/** Place, device, source: all of it may be unknown. */
function Whereabouts({ profile }: { profile: Profile }) {
  const w = words();
  const { arrival, greeted } = profile;
  return (
    <>
      <h2 class="next">{w.visit}</h2>
      <dl data-testid="visit">
        {placeOf(profile) && <Field label={w.place}>{placeOf(profile)}</Field>}
        {profile.language && <Field label={w.visitorLanguage}>{languageName(profile.language)}</Field>}
        {deviceOf(profile.device) && <Field label={w.device}>{deviceOf(profile.device)}</Field>}
        {arrival && <Field label={w.source}>{sourceName(arrival.source)}</Field>}
        {arrival?.referrer && <Field label={w.referrer}><span title={arrival.referrer}>{path(arrival.referrer)}</span></Field>}
        <Field label={w.visits}>{fill(w.visitsText, { visits: profile.visits, pages: profile.pages })}</Field>
        <Field label={w.firstSeen}>{moment(profile.first_seen)}</Field>
        {greeted?.text && <Field label={w.greeting}>{greeted.text}</Field>}
      </dl>
    </>
  );
}

export function placeOf({ city, region: part, country }: Pick<Profile, "city" | "region" | "country">): string {
  return [city, part === city ? null : part, country ? countryName(country) : null].filter(Boolean).join(", ");
}

export function deviceOf(device: Profile["device"]): string {
  if (!device) return "";
  const browser = [device.browser, device.browser_version?.split(".")[0]].filter(Boolean).join(" ");
  const system = [device.os, device.os_version].filter(Boolean).join(" ");
  return [browser, system, device.device && (words().devices[device.device] ?? device.device)].filter(Boolean).join(" · ");
}

export function sourceName(source: Source | null): string {
  if (!source) return words().unknown;
  const { name, medium, campaign } = source;
  return [name, name && medium === "tagged" ? null : (words().sources[medium] ?? medium), campaign].filter(Boolean).join(" · ");
}

function moment(at: string): string {
  return new Date(at).toLocaleString(region(prefs.value.language), { dateStyle: "medium", timeStyle: "short" });
}

interface PagesProps {
  desk: Desk;
  item: Item | undefined;
  first: { url: string; title?: string } | null;
  seen: SeenPage[];
}

/** As the server knows them, then those that came meanwhile: the last one first. */
function Pages({ desk, item, first, seen }: PagesProps) {
  const w = words();
  const live = item ? (desk.listing.pages.value.get(item.visitor) ?? []) : [];
  const latest = seen[0]?.at ?? "";
  const news = live.filter((view) => view.at > latest).map(({ page, at }) => ({ url: page.url, title: page.title ?? null, at })).reverse();
  const known = seen.filter((one) => one.url).map(({ url, title, at }) => ({ url: url!, title, at }));
  const start = first && item ? [{ url: first.url, title: first.title ?? null, at: item.started_at }] : [];
  const views = news.length + known.length > 0 ? [...news, ...known] : start;
  return (
    <section>
      <h2>{w.pages}</h2>
      {views.length === 0 ? <p class="quiet">{w.noPages}</p> : (
        <ol class="pages" data-testid="pages" data-live={item?.visitor_online ?? false}>
          {views.map(({ url, title, at }) => (
            <li key={at + url}><span title={url}>{title || path(url)}</span><small>{path(url)} · {time(at)}</small></li>
          ))}
        </ol>
      )}
    </section>
  );
}

function time(at: string): string {
  const date = when(at);
  const hour = clock(at, prefs.value.language);
  return date === hour ? hour : `${date}, ${hour}`;
}

function Earlier({ desk, item, known }: { desk: Desk; item: Item | undefined; known: Item[] }) {
  const w = words();
  const listed = [...desk.listing.items.value.values()].filter((one) => one.visitor === item?.visitor);
  const all = new Map([...known, ...listed].map((one) => [one.id, one]));
  const others = [...all.values()].filter((one) => one.id !== item?.id).sort((a, b) => (a.last_at < b.last_at ? 1 : -1));
  return (
    <section data-testid="earlier-conversations">
      <h2>{w.earlierOnes}</h2>
      {others.length === 0 ? <p class="quiet">{w.noOthers}</p> : others.map((one) => (
        <button type="button" key={one.id} class="other" data-testid="earlier-conversation" data-conversation={one.id} onClick={() => void desk.front.open(one.id)}>
          <span>{one.last?.text || w.conversations}</span>
          <small>{when(one.last_at)} · {one.assignee_name ?? desk.roster.nameOf(one.assignee) ?? w.none}{one.rating ? ` · ★ ${one.rating}` : ""}</small>
        </button>
      ))}
    </section>
  );
}
