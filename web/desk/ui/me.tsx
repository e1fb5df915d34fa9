/** One's own place in the rail: how I am and how much I serve; it opens what is mine to choose. */
import { fill } from "../../i18n/pick";
import { Face, Icon } from "../../staff/bits";
import { languages, prefer, prefs } from "../../staff/prefs";
import type { Desk } from "../state/desk";
import { opened } from "../state/opened";
import { words } from "../state/prefs";
import { Menu } from "./menu";

/** In the console, which is open to every agent for this. */
const ACCOUNT = "/admin#/settings/account";

interface Props {
  desk: Desk;
  leave: () => void;
}

export function Me({ desk, leave }: Props) {
  const w = words();
  const status = desk.roster.status.value;
  const load = desk.listing.serving.value;
  const most = desk.roster.mine()?.capacity ?? desk.workspace.settings.value.routing.capacity;
  const serves = fill(w.serves, { n: load, most });
  const name = `${desk.me.name} · ${desk.workspace.statusName(status)}`;
  const look = (
    <span class="me">
      <span class="unseen">{name} · </span>
      <Face name={desk.me.name} id={desk.me.agent} />
      <i class={`dot dot-${desk.workspace.statusKind(status)}`} data-testid="status" data-status={status} />
      <small class="load" data-testid="load">{load}/{most}</small>
    </span>
  );
  return (
    <Menu name="me" look={look} label={`${name} · ${serves}`} side="right">
      {() => (
        <>
          <p role="presentation"><strong>{desk.me.name}</strong> · {serves}</p>
          <Statuses desk={desk} now={status} />
          <hr />
          <button type="button" role="menuitem" data-testid="me-alerts" onClick={() => (opened.value = "alerts")}><Icon name="bell" /><span>{w.alerts}</span></button>
          <a role="menuitem" href={ACCOUNT} target="_blank" rel="noopener" data-testid="me-account" onClick={() => (opened.value = "")}><Icon name="person" /><span>{w.account}</span></a>
          <button type="button" role="menuitem" data-testid="sign-out" onClick={() => (shut(), leave())}><Icon name="leave" /><span>{w.signOut}</span></button>
          <hr />
          <Languages />
        </>
      )}
    </Menu>
  );
}

function shut(): void {
  opened.value = "";
}

function Statuses({ desk, now }: { desk: Desk; now: string }) {
  const known = [...Object.keys(words().statuses), ...desk.workspace.settings.value.statuses.map((one) => one.status)];
  const all = known.includes(now) ? known : [...known, now];
  return (
    <>
      {all.map((one) => (
        <button type="button" key={one} role="menuitemradio" aria-checked={one === now} data-testid="status-choice" data-status={one}
          onClick={() => (shut(), void desk.status.choose(one))}>
          <i class={`dot dot-${desk.workspace.statusKind(one)}`} /><span>{desk.workspace.statusName(one)}</span>{one === now && <Icon name="check" />}
        </button>
      ))}
    </>
  );
}

function Languages() {
  return (
    <>
      <p role="presentation">{words().language}</p>
      {Object.entries(languages).map(([tag, { name }]) => (
        <button type="button" key={tag} role="menuitemradio" aria-checked={prefs.value.language === tag} lang={tag} data-testid="language-choice" data-language={tag}
          onClick={() => (shut(), prefer({ language: tag }))}>
          <Icon name="globe" /><span>{name}</span>{prefs.value.language === tag && <Icon name="check" />}
        </button>
      ))}
    </>
  );
}
