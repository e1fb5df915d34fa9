/** The narrow side: who I am, how I am, and how the line is. */
import { Face, Tool } from "../../staff/bits";
import { Mark } from "../../staff/door";
import { Language } from "../../staff/language";
import type { Desk } from "../state/desk";
import { wish, wishes, words } from "../state/prefs";

interface Props {
  desk: Desk;
  help: () => void;
  leave: () => void;
}

export function Rail({ desk, help, leave }: Props) {
  const w = words();
  const { sound } = wishes.value;
  return (
    <nav class="rail" aria-label="Parley">
      <Mark />
      <Status desk={desk} />
      <span class="gap" />
      <Tool icon={sound ? "sound" : "mute"} label={sound ? w.soundOn : w.soundOff} testid="sound" onClick={() => wish({ sound: !sound })} />
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

export function ConnState({ desk }: { desk: Desk }) {
  const phase = desk.client.phase.value;
  const text = words().line[phase] ?? "";
  return (
    <div class={`conn conn-${phase}`} role="status" data-testid="conn-state" data-state={phase}><i class="dot" />{text}</div>
  );
}
