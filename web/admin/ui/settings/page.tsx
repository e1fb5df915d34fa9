/** Which of the settings one is at, when they are here. */
import type { JSX } from "preact";
import { Empty } from "../../../staff/bits";
import { said } from "../../../staff/prefs";
import type { Console } from "../../state/console";
import { NEW, settingsAt, type Place, type Section } from "../../state/place";
import type { AllSettings } from "../../state/settings/values";
import { Failed } from "../bits";
import { Head } from "../kit/entry";
import { set } from "../kit/words";
import { AccountPage } from "./account";
import { AgentPages } from "./agents";
import { DepartmentPages } from "./departments";
import { HoursPage } from "./hours";
import { ReceptionPages } from "./receptions";
import { ReplyPages } from "./replies";
import { RoutingPage } from "./routing";
import { SitePages } from "./sites";
import { StatusPages } from "./statuses";
import { TagsPage } from "./tags";
import { WelcomePages } from "./welcomes";

export type SettingsPlace = Extract<Place, { page: "settings" }>;

export interface PageProps {
  shown: Console;
  all: AllSettings;
  place: SettingsPlace;
}

const PAGES: Record<Section, (props: PageProps) => JSX.Element | null> = {
  sites: SitePages, departments: DepartmentPages, agents: AgentPages, hours: HoursPage, welcomes: WelcomePages, receptions: ReceptionPages,
  routing: RoutingPage, replies: ReplyPages, tags: TagsPage, statuses: StatusPages, account: AccountPage,
};

export function SettingsPage({ shown, place }: { shown: Console; place: SettingsPlace }) {
  const { state, value, error } = shown.office.settings.now.value;
  const Page = PAGES[place.section];
  const title = set().names[place.section]!;
  return (
    <article class="settings" data-testid="settings" data-section={place.section} data-state={state}>
      {value ? <Page shown={shown} all={value} place={place} /> : state === "failed" ? (
        <><Head title={title} /><Failed error={error} again={() => shown.office.open()} /></>
      ) : <><Head title={title} /><Waiting /></>}
    </article>
  );
}

export function Waiting() {
  return <div class="skeleton" role="status" aria-label={said().loading}>{[1, 2, 3].map((one) => <i key={one} class="hit" />)}</div>;
}

/** What an address names may be gone. */
export function Gone({ section }: { section: Section }) {
  const s = set();
  return <><Head title={s.names[section]!} back={settingsAt(section)} /><Empty title={s.gone} text={s.goneText} testid="gone" /></>;
}

/** Of a list's entries the one that an address names: `fresh` where one is to be added. */
export function chosen<T>(entries: T[], place: SettingsPlace, keyOf: (entry: T) => string): T | "fresh" | "gone" {
  if (place.key === NEW) return "fresh";
  return entries.find((one) => keyOf(one) === place.key) ?? "gone";
}
