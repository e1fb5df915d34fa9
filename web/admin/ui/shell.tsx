/** The console when somebody is in it: where one can go, and the page where one is. */
import { useEffect, useRef, useState } from "preact/hooks";
import { Empty, Icon, Tool } from "../../staff/bits";
import { Mark } from "../../staff/door";
import { Language } from "../../staff/language";
import { prefs, said } from "../../staff/prefs";
import type { Api } from "../state/api";
import type { Console } from "../state/console";
import { PLAIN, SECTIONS, parse, print, settingsAt, type Place } from "../state/place";
import { words } from "../state/prefs";
import { Leaving, Told } from "./kit/leaving";
import { LivePage } from "./live";
import { PastPage } from "./past";
import { ReportPage } from "./report";
import { SearchPage } from "./search";
import { OwnPassword } from "./settings/account";
import { SettingsPage } from "./settings/page";

/** What the side offers until the server has said which reports there are. */
const USUAL = ["overview", "volume", "first_response", "wait", "handling", "resolution", "missed", "transferred", "bots", "satisfaction", "conversion", "visits", "heatmap"];

export function Shell({ shown, leave }: { shown: Console; leave: () => void }) {
  const w = words();
  const place = shown.place.value;
  const main = useRef<HTMLElement>(null);
  const name = titleOf(place);
  const first = useRef(true);
  useEffect(() => void (document.title = `${name} · Parley`), [name, prefs.value.language]);
  useEffect(() => {
    if (!first.current) main.current!.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
    first.current = false;
    scrollTo(0, 0);
  }, [pageOf(place)]);
  return (
    <div class="console">
      <a class="skip" href="#main" onClick={(event) => (event.preventDefault(), main.current!.querySelector<HTMLElement>("h1")?.focus())}>{w.skip}</a>
      <Side shown={shown} leave={() => shown.guard.ask(leave)} />
      <main ref={main} id="main" class="main"><Page shown={shown} place={place} /></main>
      <Told text={shown.told.value} />
      {shown.guard.asking.value && <Leaving guard={shown.guard} />}
    </div>
  );
}

function Page({ shown, place }: { shown: Console; place: Place }) {
  switch (place.page) {
    case "live": return <LivePage shown={shown} />;
    case "settings": return <SettingsPage shown={shown} place={place} />;
    case "search": return <SearchPage shown={shown} asked={place.asked} />;
    case "conversation": return <PastPage key={place.id} shown={shown} place={place} />;
    case "report": return <ReportPage shown={shown} name={place.report} view={place.view} />;
  }
}

export function titleOf(place: Place): string {
  const w = words();
  switch (place.page) {
    case "live": return w.live.title;
    case "settings": return w.set.names[place.section]!;
    case "search": return w.search;
    case "conversation": return w.conversation;
    case "report": return w.names[place.report] ?? place.report;
  }
}

function pageOf(place: Place): string {
  switch (place.page) {
    case "settings": return [place.section, place.key ?? "", place.part ?? ""].join("/");
    case "conversation": return place.id;
    case "report": return place.report;
    default: return place.page;
  }
}

function Side({ shown, leave }: { shown: Console; leave: () => void }) {
  const [open, setOpen] = useState(false);
  const w = words();
  const place = shown.place.value;
  useEffect(() => setOpen(false), [pageOf(place)]);
  return (
    <header class={`side ${open ? "is-open" : ""}`} onKeyDown={(event) => event.key === "Escape" && setOpen(false)}>
      <div class="side-head">
        <Mark /><strong>Parley</strong><span>{w.console}</span>
        <button type="button" class="tool side-menu" aria-expanded={open} aria-label={w.menu} data-testid="menu" onClick={() => setOpen(!open)}><Icon name="menu" /></button>
      </div>
      <div class="side-body">
        <nav aria-label={w.console}>
          <Links shown={shown} place={place} />
        </nav>
        <div class="side-foot">
          <a class="side-link" href="/desk">{w.toDesk}</a>
          <div class="side-tools"><a class="side-me" href={settingsAt("account")} title={w.set.names["account"]}>{shown.me.name}</a><Language /><Tool icon="leave" label={said().signOut} testid="sign-out" onClick={leave} /></div>
        </div>
      </div>
    </header>
  );
}

/** Reports and settings have many pages: those of the part where one is are in sight, of the other the way there. */
function Links({ shown, place }: { shown: Console; place: Place }) {
  const w = words();
  const names = shown.reports.catalogue.now.value.value?.reports.map((one) => one.name) ?? USUAL;
  const view = place.page === "report" ? { ...PLAIN, range: place.view.range, business: place.view.business, compare: place.view.compare, filters: place.view.filters } : PLAIN;
  const report = (name: string): Place => ({ page: "report", report: name, view });
  const link = (to: string, text: string, here: boolean, testid: string) => (
    <li key={testid}><a class="side-link" href={to} aria-current={here ? "page" : undefined} data-testid={testid}>{text}</a></li>
  );
  const setting = place.page === "settings";
  return (
    <>
      <ul>
        {link(print({ page: "live" }), w.live.title, place.page === "live", "nav-live")}
        {link(print({ page: "search", asked: { q: "" } }), w.search, place.page === "search" || place.page === "conversation", "nav-search")}
        {setting ? link(print(report("overview")), w.reports, false, "nav-reports") : link(settingsAt("sites"), w.set.title, false, "nav-settings")}
      </ul>
      <h2>{setting ? w.set.title : w.reports}</h2>
      <ul>
        {setting ? SECTIONS.map((one) => link(settingsAt(one), w.set.names[one]!, place.section === one, `nav-${one}`))
          : names.map((name) => link(print(report(name)), w.names[name] ?? name, place.page === "report" && place.report === name, `nav-${name}`))}
      </ul>
    </>
  );
}

interface OutsideProps {
  api: Api;
  leave: () => void;
}

/** Where the desk leads whoever is no administrator: what is theirs, and no word of what is not. */
function OwnAccount({ api, leave }: OutsideProps) {
  const w = words();
  const name = w.set.names["account"]!;
  useEffect(() => void (document.title = `${name} · Parley`), [name]);
  return (
    <main class="no-admin" data-testid="own-account">
      <h1>{name}</h1>
      <OwnPassword api={api} leave={leave} />
      <p class="own-foot"><a class="plain" href="/desk">{w.toDesk}</a><button type="button" class="plain" data-testid="sign-out" onClick={leave}>{said().signOut}</button><Language /></p>
    </main>
  );
}

/** For whoever is signed in, but is no administrator: their own password is theirs all the same. */
export function NotForYou({ api, leave }: OutsideProps) {
  const w = words();
  const [open, setOpen] = useState(false);
  const place = parse(location.hash);
  if (place.page === "settings" && place.section === "account") return <OwnAccount api={api} leave={leave} />;
  return (
    <main class="no-admin" data-testid="no-admin">
      <h1 class="unseen">{w.console}</h1>
      <Empty title={w.noAdmin} text={w.noAdminAsk} />
      <p><a class="primary" href="/desk">{w.toDesk}</a> <button type="button" class="more" data-testid="sign-out" onClick={leave}>{said().signOut}</button></p>
      {open ? <OwnPassword api={api} leave={leave} /> : <button type="button" class="more" data-testid="own-password" onClick={() => setOpen(true)}>{w.set.changePassword}</button>}
      <Language />
    </main>
  );
}
