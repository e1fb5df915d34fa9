/** A conversation at any moment of its life: what had been said, and who knew what. */
import { useMemo, useState } from "preact/hooks";
import { Empty, Face, Field, Icon, visitorName } from "../../staff/bits";
import { fill } from "../../i18n/pick";
import { prefs, said } from "../../staff/prefs";
import type { Console } from "../state/console";
import { momentText } from "../state/format";
import { MOST } from "../state/past";
import type { Place } from "../state/place";
import { words } from "../state/prefs";
import { asVisitor, indexOf, marksAt, momentOf, type Moment, type Reader } from "../state/travel";
import { Failed } from "./bits";
import { PastLines } from "./past-lines";
import { Slider } from "./slider";

export type ConversationPlace = Extract<Place, { page: "conversation" }>;

interface Props {
  shown: Console;
  place: ConversationPlace;
}

export function PastPage({ shown, place }: Props) {
  const { past } = shown;
  const w = words();
  if (past.state.value === "failed") return <Failed error={past.error.value} again={() => past.open(place.id)} />;
  if (past.events.value.length === 0) {
    const nothing = past.state.value === "ready";
    return nothing ? <Empty title={w.noLines} /> : <div class="skeleton" role="status" aria-label={said().loading} data-testid="skeleton"><i class="panel" /></div>;
  }
  return <Travel shown={shown} place={place} />;
}

function Travel({ shown, place }: Props) {
  const w = words();
  const [visitors, setVisitors] = useState(false);
  const all = shown.past.events.value;
  const events = useMemo(() => (visitors ? asVisitor(all) : all), [all, visitors]);
  const index = indexOf(events, place.at);
  const moment = useMemo(() => momentOf(place.id, events.slice(0, index)), [events, index]);
  const marks = useMemo(() => marksAt(moment), [moment]);
  const go = (to: number) => shown.go({ ...place, at: to >= events.length ? null : events[to - 1]!.version, said: null }, true);
  const nameOf = (id: string): string | null => shown.nameOf(id);
  return (
    <article class="past" data-testid="past" data-conversation={place.id} data-status={moment.view.status} data-index={index} data-of={events.length}>
      <Head shown={shown} place={place} visitors={visitors} setVisitors={setVisitors} />
      <div class="past-body">
        <PastLines key={String(visitors)} moment={moment} marks={marks} found={place.said} visitor={shown.past.overview.value} nameOf={nameOf} />
        <Known moment={moment} visitors={visitors} nameOf={nameOf} visitor={visitorOf(shown)} />
      </div>
      {shown.past.cut.value && <p class="stopped" role="status">{fill(w.cut, { n: MOST })}</p>}
      <Slider events={events} index={index} go={go} name={w.moment} />
    </article>
  );
}

function visitorOf(shown: Console): string {
  const overview = shown.past.overview.value;
  return visitorName(overview?.visitor, overview?.visitor_name);
}

function Head({ shown, place, visitors, setVisitors }: Props & { visitors: boolean; setVisitors: (on: boolean) => void }) {
  const w = words();
  const overview = shown.past.overview.value;
  return (
    <header class="past-head">
      <button type="button" class="tool" aria-label={w.backToSearch} title={w.backToSearch} data-testid="back"
        onClick={() => shown.go({ page: "search", asked: shown.search.asked })}><Icon name="back" /></button>
      <Face name={visitorOf(shown)} id={overview?.visitor ?? place.id} />
      <h1 tabIndex={-1}>{visitorOf(shown)}</h1>
      <div class="segments" role="group" aria-label={w.seenBy}>
        {([false, true] as const).map((own) => (
          <button key={String(own)} type="button" aria-pressed={visitors === own} data-testid={own ? "seen-by-visitor" : "seen-by-team"}
            onClick={() => setVisitors(own)}>{own ? w.visitorsEyes : w.everything}</button>
        ))}
      </div>
      <a class="plain" href={`/desk#${place.id}`}>{w.openAtDesk}</a>
    </header>
  );
}

interface KnownProps {
  moment: Moment;
  visitors: boolean;
  visitor: string;
  nameOf: (agent: string) => string | null;
}

function Known({ moment, visitors, visitor, nameOf }: KnownProps) {
  const w = words();
  const s = said();
  const { view } = moment;
  const states: Record<string, string> = { open: s.openOnes, closed: s.closedOnes, erased: s.erasedOnes };
  const served = view.agent ? (nameOf(view.agent.id) ?? view.agent.name ?? s.somebody) : s.none;
  const spoken = (kind: string) => view.lines.filter((line) => line.kind === kind).length;
  return (
    <aside class="known" aria-label={w.known} data-testid="known">
      <h2>{w.known}</h2>
      <dl>
        <Field label={w.status}><span data-testid="known-status"><i class={`dot dot-${view.status}`} /> {states[view.status] ?? view.status}</span></Field>
        <Field label={s.assignee}><span data-testid="known-agent">{served}</span></Field>
        {view.department && <Field label={s.department}>{view.department}</Field>}
        <Field label={w.messages}><span data-testid="known-messages">{spoken("message")}</span></Field>
        {!visitors && <Field label={w.notes}>{spoken("note")}</Field>}
        {view.rating && <Field label={s.rating}><span class="stars">{"★".repeat(view.rating)}<i>{"★".repeat(5 - view.rating)}</i></span></Field>}
      </dl>
      {!visitors && view.tags.length > 0 && <p class="tags" data-testid="known-tags">{view.tags.map((tag) => <span key={tag} class="chip is-tag">{tag}</span>)}</p>}
      <h2>{w.readers}</h2>
      <ul class="readers">
        {moment.readers.map((reader) => <ReaderRow key={reader.id} reader={reader} name={reader.role === "visitor" ? visitor : (reader.name ?? nameOf(reader.id) ?? s.somebody)} />)}
      </ul>
    </aside>
  );
}

function ReaderRow({ reader, name }: { reader: Reader; name: string }) {
  const w = words();
  return (
    <li data-testid="reader" data-role={reader.role} data-upto={reader.upto} data-unread={reader.unread}>
      <Face name={name} id={reader.id} />
      <span>
        <strong>{name}</strong>
        <small>{reader.at ? fill(w.readUpto, { at: momentText(reader.at, prefs.value.language) }) : w.readNothing}</small>
        <small class={reader.unread > 0 ? "is-unread" : ""}>{reader.unread > 0 ? fill(w.unreadFor, { n: reader.unread }) : w.readAll}</small>
      </span>
    </li>
  );
}
