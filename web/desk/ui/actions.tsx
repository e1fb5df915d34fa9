/** What an agent does to a conversation besides talking in it. */
import { useState } from "preact/hooks";
import type { Colleague } from "../../staff/api";
import { Face, Here, Icon } from "../../staff/bits";
import type { Desk } from "../state/desk";
import { words } from "../state/prefs";

interface Props {
  desk: Desk;
  id: string;
  status: string;
  assignee: string | null;
}

export function Actions({ desk, id, status, assignee }: Props) {
  const w = words();
  if (status === "erased") return null;
  const closed = status === "closed";
  const end = closed ? w.reopen : w.close;
  return (
    <div class="actions">
      {assignee !== desk.me.agent && !closed && (
        <button type="button" class="action" aria-label={w.take} title={w.take} data-testid="take" onClick={() => desk.do("assign", id)}><Icon name="hand" /><span>{w.take}</span></button>
      )}
      {!closed && <Choice desk={desk} id={id} op="assign" assignee={assignee} />}
      {!closed && <Choice desk={desk} id={id} op="transfer" assignee={assignee} />}
      <button type="button" class="action" aria-label={end} title={end} data-testid={closed ? "reopen" : "close"} onClick={() => desk.do(closed ? "reopen" : "close", id)}>
        <Icon name={closed ? "again" : "check"} /><span>{end}</span>
      </button>
    </div>
  );
}

/** Colleagues to give it to, those who are there first. */
function Choice({ desk, id, op, assignee }: { desk: Desk; id: string; op: "assign" | "transfer"; assignee: string | null }) {
  const [open, setOpen] = useState(false);
  const w = words();
  const rank = ({ online, status }: Colleague): number => (online ? 0 : 10) + (["online", "busy", "away"].indexOf(status) + 1 || 9);
  const agents = [...desk.roster.agents.value]
    .filter((agent) => agent.id !== assignee && (op === "assign" || agent.id !== desk.me.agent))
    .sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
  const give = (agent: string) => {
    desk.do(op, id, { agent });
    setOpen(false);
  };
  return (
    <div class="choice" onKeyDown={(event) => open && menuKeys(event, () => setOpen(false))}>
      <button type="button" class="action" aria-label={w[op]} title={w[op]} aria-expanded={open} data-testid={op} onClick={() => setOpen(!open)}>
        <Icon name={op === "assign" ? "person" : "swap"} /><span>{w[op]}</span>
      </button>
      {open && <div class="veil" onClick={() => setOpen(false)} />}
      {open && (
        <div class="menu" role="menu" aria-label={op === "assign" ? w.assignTo : w.transferTo}>
          <p>{op === "assign" ? w.assignTo : w.transferTo}</p>
          {agents.length === 0 && <p class="quiet">{w.none}</p>}
          {agents.map((agent) => (
            <button type="button" role="menuitem" data-testid="agent-choice" data-agent={agent.id} onClick={() => give(agent.id)}>
              <Face name={agent.name} id={agent.id} />
              <span>{agent.id === desk.me.agent ? `${agent.name} (${w.toMe})` : agent.name}</span>
              <ColleagueHere agent={agent} />
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

/** What they say of themselves, unless they are not even there. */
function ColleagueHere({ agent }: { agent: Colleague }) {
  const status = words().statuses[agent.status] ?? agent.status;
  return agent.online ? <Here kind={agent.status} label={status} /> : <Here kind="gone" label={`${status}, ${words().noDesk}`} />;
}

/** The arrows move through a menu, and Escape leads out of it to where one came from. */
function menuKeys(event: KeyboardEvent, shut: () => void): void {
  const choice = event.currentTarget as HTMLElement;
  const [opener, ...items] = choice.querySelectorAll<HTMLElement>("button");
  const step = ({ ArrowDown: 1, ArrowUp: -1 } as Record<string, number>)[event.key];
  if (event.key === "Escape") {
    shut();
    opener?.focus();
  } else if (step) {
    const at = items.indexOf(event.target as HTMLElement);
    items[(at + step + items.length + (at < 0 && step < 0 ? 1 : 0)) % items.length]?.focus();
  } else return;
  event.preventDefault();
  event.stopPropagation();
}
