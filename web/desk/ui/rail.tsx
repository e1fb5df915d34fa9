/** The narrow side: where one is, who I am and how, what may call me, and how the line is. */
import { Icon, Tool, type IconName } from "../../staff/bits";
import { Mark } from "../../staff/door";
import type { Desk } from "../state/desk";
import { words } from "../state/prefs";
import { Bell } from "./bell";
import { Me } from "./me";
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
      <Bell desk={desk} />
      <Tool icon="help" label={`${w.help} (?)`} testid="help-open" onClick={help} />
      <Me desk={desk} leave={leave} />
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

export function ConnState({ desk }: { desk: Desk }) {
  const phase = desk.online.value ? desk.client.phase.value : "waiting";
  const text = words().line[phase] ?? "";
  return (
    <div class={`conn conn-${phase}`} role="status" data-testid="conn-state" data-state={phase}><i class="dot" />{text}</div>
  );
}
