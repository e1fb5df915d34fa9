/** The narrow side: who I am, how I am, and how the line is. */
import { prefer, prefs, languages, words } from "../state/prefs";
import type { Desk } from "../state/desk";
import { Face, Tool } from "./bits";
import { Mark } from "./signin";

interface Props {
  desk: Desk;
  help: () => void;
  leave: () => void;
}

export function Rail({ desk, help, leave }: Props) {
  const w = words();
  const { sound } = prefs.value;
  return (
    <nav class="rail" aria-label="Parley">
      <Mark />
      <Status desk={desk} />
      <span class="gap" />
      <Tool icon={sound ? "sound" : "mute"} label={sound ? w.soundOn : w.soundOff} testid="sound" onClick={() => prefer({ sound: !sound })} />
      <Language />
      <Tool icon="help" label={`${w.help} (?)`} testid="help-open" onClick={help} />
      <Tool icon="leave" label={w.signOut} testid="sign-out" onClick={leave} />
    </nav>
  );
}

function Status({ desk }: { desk: Desk }) {
  const w = words();
  const status = desk.roster.status.value;
  const known = Object.keys(w.statuses);
  const all = known.includes(status) ? known : [...known, status];
  return (
    <label class="me" title={`${desk.me.name} · ${w.statuses[status] ?? status}`}>
      <Face name={desk.me.name} id={desk.me.agent} />
      <i class={`dot dot-${status}`} />
      <select aria-label={w.status} value={status} data-testid="status" onChange={(event) => void desk.setStatus(event.currentTarget.value)}>
        {all.map((one) => <option value={one}>{w.statuses[one] ?? one}</option>)}
      </select>
    </label>
  );
}

function Language() {
  const w = words();
  return (
    <label class="tool language" title={w.language}>
      <span aria-hidden="true">{prefs.value.language === "zh" ? "文" : prefs.value.language.toUpperCase()}</span>
      <select aria-label={w.language} value={prefs.value.language} data-testid="language" onChange={(event) => prefer({ language: event.currentTarget.value })}>
        {Object.entries(languages).map(([tag, one]) => <option value={tag}>{one.name}</option>)}
      </select>
    </label>
  );
}

export function ConnState({ desk }: { desk: Desk }) {
  const phase = desk.client.phase.value;
  const text = words().line[phase] ?? "";
  return (
    <div class={`conn conn-${phase}`} role="status" data-testid="conn-state" data-state={phase}><i class="dot" />{text}</div>
  );
}
