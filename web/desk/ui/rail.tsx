/** The narrow side: where one is, who I am and how, what may call me, and how the line is. */
import { fill } from "../../i18n/pick";
import { Face, Icon, Tool, type IconName } from "../../staff/bits";
import { Mark } from "../../staff/door";
import { Language } from "../../staff/language";
import { worded } from "../../staff/prefs";
import type { Desk } from "../state/desk";
import { words } from "../state/prefs";
import { Bell } from "./bell";
import { count } from "./visitor";

interface Props {
  desk: Desk;
  help: () => void;
  leave: () => void;
}

export function Rail({ desk, help, leave }: Props) {
  const w = words();
  return (
    <nav class="rail" aria-label="Parley">
      <Mark />
      <Place desk={desk} view="talks" icon="inbox" label={w.conversations} badge={desk.listing.unread.value} />
      <Place desk={desk} view="guests" icon="people" label={w.onSite} badge={desk.guests.present.value ?? 0} />
      <span class="gap" />
      <Status desk={desk} />
      <Bell desk={desk} />
      <Language />
      <Tool icon="help" label={`${w.help} (?)`} testid="help-open" onClick={help} />
      <Tool icon="leave" label={w.signOut} testid="sign-out" onClick={leave} />
    </nav>
  );
}

function Place({ desk, view, icon, label, badge }: { desk: Desk; view: "talks" | "guests"; icon: IconName; label: string; badge: number }) {
  const here = desk.front.view.value === view;
  return (
    <button type="button" class={`tool place ${here ? "is-here" : ""}`} title={label} aria-current={here ? "page" : undefined}
      data-testid={`view-${view}`} onClick={() => (desk.front.view.value = view)}>
      <Icon name={icon} /><span class="unseen">{label}</span>{badge > 0 && <b class={`badge is-${view}`}>{count(badge)}</b>}
    </button>
  );
}

/** A configured status has its own name; whether it gets conversations is the workspace's word. */
export function statusName(desk: Desk, status: string): string {
  const own = desk.workspace.settings.value.statuses.find((one) => one.status === status);
  return words().statuses[status] ?? (worded(own?.name) || status);
}

export function statusKind(desk: Desk, status: string): string {
  if (words().statuses[status]) return status;
  return desk.workspace.available(status) ? "online" : "away";
}

function Status({ desk }: { desk: Desk }) {
  const w = words();
  const status = desk.roster.status.value;
  const known = [...Object.keys(w.statuses), ...desk.workspace.settings.value.statuses.map((one) => one.status)];
  const all = known.includes(status) ? known : [...known, status];
  const load = desk.listing.serving.value;
  const most = desk.roster.mine()?.capacity ?? desk.workspace.settings.value.routing.capacity;
  const serves = fill(w.serves, { n: load, most });
  return (
    <label class="me" title={`${desk.me.name} · ${statusName(desk, status)} · ${serves}`}>
      <Face name={desk.me.name} id={desk.me.agent} />
      <i class={`dot dot-${statusKind(desk, status)}`} />
      <select aria-label={`${w.status}, ${serves}`} value={status} data-testid="status" data-status={status} onChange={(event) => void desk.status.choose(event.currentTarget.value)}>
        {all.map((one) => <option value={one}>{statusName(desk, one)}</option>)}
      </select>
      <small class="load" data-testid="load">{load}/{most}</small>
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
