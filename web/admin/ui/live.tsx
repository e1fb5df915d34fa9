/** What happens right now: who is there, who waits, who is served, and how many look around. */
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { clock, fill } from "../../i18n/pick";
import { Face, Here, visitorName } from "../../staff/bits";
import { prefs } from "../../staff/prefs";
import type { Console } from "../state/console";
import { durationText, number } from "../state/format";
import { ranked, type LiveAgent, type Now, type Serving, type Waiting } from "../state/live";
import { print } from "../state/place";
import { words } from "../state/prefs";
import { Failed, problemText } from "./bits";
import { departmentName } from "./settings/departments";
import { statusText } from "./settings/agents";

const TICK_MS = 1_000;
/** The server shows as many of a kind; there may be more. */
const MOST = 200;

export function LivePage({ shown }: { shown: Console }) {
  const w = words();
  const { state, error } = shown.live.asked.now.value;
  const seen = shown.live.seen.value;
  useEffect(() => shown.office.open(), []); // names of departments and statuses
  return (
    <article class="live" data-testid="live" data-state={state} aria-busy={state === "loading" && !seen}>
      <header class="report-head"><div><h1 tabIndex={-1}>{w.live.title}</h1><p>{w.live.lead}</p></div>{seen && <Fresh at={seen.at} />}</header>
      {state === "failed" && seen && <p class="stopped" role="alert" data-testid="stale">{problemText(error)} {fill(w.live.stale, { at: clock(seen.at, prefs.value.language) })}</p>}
      {seen ? <Body shown={shown} now={seen.now} /> : state === "failed" ? <Failed error={error} again={() => void shown.live.look()} /> : <Skeleton />}
    </article>
  );
}

function Skeleton() {
  return <div class="skeleton" role="status" aria-label={words().live.title}><div class="tiles">{[1, 2, 3, 4].map((one) => <i key={one} class="tile" />)}</div><i class="panel" /></div>;
}

function Fresh({ at }: { at: number }) {
  return <span class="chip is-live" data-testid="fresh"><i class="dot dot-online" />{fill(words().live.fresh, { at: clock(at, prefs.value.language) })}</span>;
}

/** Drawn anew each second, so that what is said of time stays true. */
function useTick(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}

function Body({ shown, now }: { shown: Console; now: Now }) {
  const w = words();
  const l = w.live;
  const { language } = prefs.value;
  const there = now.agents.filter((one) => one.online && one.status !== "offline");
  const oldest = now.waiting.map((one) => one.queued_at).sort()[0];
  const tick = useTick();
  return (
    <>
      <dl class="tiles">
        <Figure testid="figure-waiting" name={l.waiting} value={count(now.waiting)} text={oldest ? fill(l.oldest, { time: since(oldest, tick) }) : l.nobodyWaits} alert={now.waiting.length > 0 && there.length === 0} />
        <Figure testid="figure-serving" name={l.serving} value={count(now.serving)} text={fill(l.unanswered, { n: now.serving.filter((one) => one.unanswered_at).length })} />
        <Figure testid="figure-agents" name={l.there} value={number(there.length, language)} text={fill(l.ofAgents, { n: now.agents.length })} />
        <Figure testid="figure-present" name={l.present} value={number(now.present, language)} text={fill(l.visits, { today: number(now.visits.today, language), hour: number(now.visits.last_hour, language) })} />
      </dl>
      <div class="live-grid">
        <Panel title={l.waiting} count={now.waiting.length} none={l.nobodyWaitsText} testid="waiting">
          {[...now.waiting].sort((a, b) => (a.queued_at < b.queued_at ? -1 : 1)).map((one) => <WaitingRow key={one.conversation} one={one} shown={shown} tick={tick} />)}
        </Panel>
        <Panel title={l.agents} count={now.agents.length} none={l.noAgents} testid="agents">
          {ranked(now.agents).map((one) => <AgentRow key={one.id} one={one} shown={shown} tick={tick} />)}
        </Panel>
        <Panel title={l.serving} count={now.serving.length} none={l.nobodyServed} testid="serving">
          {[...now.serving].sort((a, b) => ((a.unanswered_at ?? "9") < (b.unanswered_at ?? "9") ? -1 : 1)).map((one) => <ServingRow key={one.conversation} one={one} tick={tick} />)}
        </Panel>
        <section class="panel" data-testid="hours"><h2>{l.byHour}</h2><ByHour hours={now.visits.by_hour} zone={now.visits.zone} /></section>
      </div>
    </>
  );
}

function Figure({ name, value, text, testid, alert = false }: { name: string; value: string; text: string; testid: string; alert?: boolean }) {
  return <div class={`tile is-figure ${alert ? "is-alert" : ""}`} data-testid={testid}><dt class="tile-name">{name}</dt><dd class="tile-value">{value}</dd><dd class="tile-text">{text}</dd></div>;
}

function Panel({ title, count, none, testid, children }: { title: string; count: number; none: string; testid: string; children: ComponentChildren[] }) {
  return (
    <section class="panel" data-testid={testid}>
      <h2>{title} {count > 0 && <span class="count">{count}</span>}</h2>
      {children.length === 0 ? <p class="quiet none">{none}</p> : <ul class="people">{children}</ul>}
    </section>
  );
}

function count(list: readonly unknown[]): string {
  return `${number(list.length, prefs.value.language)}${list.length >= MOST ? "+" : ""}`;
}

function since(at: string, tick: number): string {
  return durationText(Math.max(0, Math.floor((tick - Date.parse(at)) / 1_000)), prefs.value.language, words().units);
}

const at = (id: string): string => print({ page: "conversation", id, at: null, said: null });

function WaitingRow({ one, shown, tick }: { one: Waiting; shown: Console; tick: number }) {
  const all = shown.office.settings.now.value.value;
  const name = visitorName(one.visitor, one.visitor_name);
  const department = one.department && (all ? departmentName(all, one.department) : one.department);
  return (
    <li data-testid="waiting-row" data-conversation={one.conversation}>
      <a href={at(one.conversation)}>
        <Face name={name} id={one.visitor} />
        <span class="person"><strong>{name}</strong><small>{department || words().live.noDepartment}</small></span>
        <time class="since is-waiting" dateTime={one.queued_at}>{since(one.queued_at, tick)}</time>
      </a>
    </li>
  );
}

function ServingRow({ one, tick }: { one: Serving; tick: number }) {
  const l = words().live;
  const name = visitorName(one.visitor ?? one.conversation, one.visitor_name);
  return (
    <li data-testid="serving-row" data-conversation={one.conversation}>
      <a href={at(one.conversation)}>
        <Face name={name} id={one.visitor ?? one.conversation} />
        <span class="person"><strong>{name}</strong><small>{fill(l.servedBy, { name: one.assignee_name ?? l.somebody, time: since(one.started_at, tick) })}</small></span>
        {one.unanswered_at && <time class="since is-waiting" dateTime={one.unanswered_at} title={l.unansweredSince}>{fill(l.waitsFor, { time: since(one.unanswered_at, tick) })}</time>}
      </a>
    </li>
  );
}

function AgentRow({ one, shown, tick }: { one: LiveAgent; shown: Console; tick: number }) {
  const l = words().live;
  const all = shown.office.settings.now.value.value;
  const status = statusText(one.online, one.status, all);
  const capacity = one.capacity ?? all?.routing?.capacity ?? 0;
  const full = capacity > 0 && one.load >= capacity;
  return (
    <li data-testid="agent-row" data-agent={one.id} data-online={one.online}>
      <span class="visitor"><Face name={one.name} id={one.id} /><Here kind={one.online ? one.status : "gone"} label={status} /></span>
      <span class="person"><strong>{one.name}</strong><small>{status}{one.status_since && ` · ${since(one.status_since, tick)}`}</small></span>
      <span class="load" title={fill(l.load, { load: one.load, capacity })}>
        <svg viewBox="0 0 60 6" width="60" height="6" aria-hidden="true" preserveAspectRatio="none">
          <rect class="load-room" width="60" height="6" rx="3" /><rect class={full ? "load-full" : "load-part"} width={capacity ? Math.min(60, (60 * one.load) / capacity) : 0} height="6" rx="3" />
        </svg>
        <span>{one.load} / {capacity}</span>
      </span>
    </li>
  );
}

/** Today, hour by hour; in words for those who do not see bars. */
function ByHour({ hours, zone }: { hours: number[]; zone: string }) {
  const l = words().live;
  const now = Number(new Intl.DateTimeFormat("en", { hour: "numeric", hourCycle: "h23", timeZone: zone }).format());
  const most = Math.max(1, ...hours);
  const total = hours.reduce((sum, one) => sum + one, 0);
  if (total === 0) return <p class="quiet none">{l.noVisits}</p>;
  return (
    <div class="by-hour" role="img" aria-label={fill(l.byHourText, { n: total, most })}>
      <svg viewBox="0 0 480 120" width="100%" height="140" aria-hidden="true" preserveAspectRatio="none">
        {hours.slice(0, now + 1).map((one, hour) => <rect key={hour} x={hour * 20 + 3} width="14" y={116 - (one / most) * 112} height={(one / most) * 112 + (one > 0 ? 4 : 1)} rx="3"><title>{`${hour}:00 · ${one}`}</title></rect>)}
      </svg>
      <p class="axis" aria-hidden="true">{[0, 6, 12, 18, 23].map((hour) => <span key={hour}>{hour}:00</span>)}</p>
      <p class="hint">{fill(l.hoursOf, { zone: zone.replaceAll("_", " ") })}</p>
    </div>
  );
}
