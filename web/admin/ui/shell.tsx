/** The console when somebody is in it: where one can go, and the page where one is. */
import { useEffect, useRef, useState } from "preact/hooks";
import { Empty, Icon, Tool } from "../../staff/bits";
import { Mark } from "../../staff/door";
import { Language } from "../../staff/language";
import { prefs, said } from "../../staff/prefs";
import type { Console } from "../state/console";
import { PLAIN, print, type Place } from "../state/place";
import { words } from "../state/prefs";
import { PastPage } from "./past";
import { ReportPage } from "./report";
import { SearchPage } from "./search";

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
      <Side shown={shown} leave={leave} />
      <main ref={main} id="main" class="main"><Page shown={shown} place={place} /></main>
    </div>
  );
}

function Page({ shown, place }: { shown: Console; place: Place }) {
  if (place.page === "search") return <SearchPage shown={shown} asked={place.asked} />;
  if (place.page === "conversation") return <PastPage key={place.id} shown={shown} place={place} />;
  return <ReportPage shown={shown} name={place.report} view={place.view} />;
}

export function titleOf(place: Place): string {
  const w = words();
  if (place.page === "report") return w.names[place.report] ?? place.report;
  return place.page === "search" ? w.search : w.conversation;
}

function pageOf(place: Place): string {
  return place.page === "report" ? place.report : place.page === "conversation" ? place.id : "search";
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
        <footer>
          <a class="side-link" href="/desk">{w.toDesk}</a>
          <div class="side-tools"><span class="side-me">{shown.me.name}</span><Language /><Tool icon="leave" label={said().signOut} testid="sign-out" onClick={leave} /></div>
        </footer>
      </div>
    </header>
  );
}

function Links({ shown, place }: { shown: Console; place: Place }) {
  const w = words();
  const names = shown.reports.catalogue.now.value.value?.reports.map((one) => one.name) ?? USUAL;
  const view = place.page === "report" ? { ...PLAIN, range: place.view.range, business: place.view.business, compare: place.view.compare, filters: place.view.filters } : PLAIN;
  const link = (to: Place, text: string, here: boolean, testid: string) => (
    <li key={testid}><a class="side-link" href={print(to)} aria-current={here ? "page" : undefined} data-testid={testid}>{text}</a></li>
  );
  return (
    <>
      <ul>{link({ page: "search", asked: { q: "" } }, w.search, place.page !== "report", "nav-search")}</ul>
      <h2>{w.reports}</h2>
      <ul>
        {names.map((name) => link({ page: "report", report: name, view }, w.names[name] ?? name, place.page === "report" && place.report === name, `nav-${name}`))}
      </ul>
    </>
  );
}

/** For whoever is signed in, but is no administrator. */
export function NotForYou({ leave }: { leave: () => void }) {
  const w = words();
  return (
    <main class="no-admin" data-testid="no-admin">
      <Empty title={w.noAdmin} text={w.noAdminAsk} />
      <p><a class="primary" href="/desk">{w.toDesk}</a> <button type="button" class="more" data-testid="sign-out" onClick={leave}>{said().signOut}</button></p>
      <Language />
    </main>
  );
}
