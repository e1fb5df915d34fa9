/** What an agent does to a conversation besides talking in it. */
import { useRef } from "preact/hooks";
import type { Colleague } from "../../staff/api";
import { Face, Here, Icon, type IconName } from "../../staff/bits";
import type { Desk } from "../state/desk";
import { opened } from "../state/opened";
import { words } from "../state/prefs";
import { Menu } from "./menu";

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
  const mine = assignee === desk.me.agent;
  return (
    <div class="actions">
      {!mine && !closed && <Action icon="hand" label={assignee ? w.takeOver : w.take} testid="take" act={() => desk.doings.take(id)} />}
      {mine && !closed && <Action icon="out" label={w.leave} testid="leave" act={() => desk.doings.leave(id)} />}
      {!closed && <Menu name="assign" icon="person" label={w.assign} worded onOpen={() => void desk.roster.load()}>{() => <Agents desk={desk} id={id} op="assign" assignee={assignee} />}</Menu>}
      {!closed && <Menu name="transfer" icon="swap" label={w.transfer} worded onOpen={() => void desk.roster.load()}>{() => <Receivers desk={desk} id={id} assignee={assignee} />}</Menu>}
      <Action icon={closed ? "again" : "check"} label={closed ? w.reopen : w.close} testid={closed ? "reopen" : "close"} act={() => desk.doings.end(id)} />
    </div>
  );
}

function Action({ icon, label, testid, act }: { icon: IconName; label: string; testid: string; act: () => void }) {
  return (
    <button type="button" class="action" aria-label={label} title={label} data-testid={testid} onClick={act}><Icon name={icon} /><span>{label}</span></button>
  );
}

function Receivers({ desk, id, assignee }: { desk: Desk; id: string; assignee: string | null }) {
  const w = words();
  const { departments } = desk.workspace.settings.value;
  const now = desk.listing.get(id)?.department;
  const pass = (department: string) => {
    opened.value = "";
    desk.doings.pass(id, department);
  };
  return (
    <>
      <Agents desk={desk} id={id} op="transfer" assignee={assignee} />
      {departments.length > 0 && <p role="presentation">{w.toDepartment}</p>}
      {departments.map(({ department, name }) => (
        <button type="button" role="menuitem" key={department} data-testid="department-choice" data-department={department} onClick={() => pass(department)}>
          <Icon name="people" /><span>{name}</span>{department === now && <Icon name="check" />}
        </button>
      ))}
    </>
  );
}

/** Colleagues to give it to, those who are there first, each with how much they have to do. */
function Agents({ desk, id, op, assignee }: { desk: Desk; id: string; op: "assign" | "transfer"; assignee: string | null }) {
  const w = words();
  const ranked = desk.roster.ranked((agent) => agent.id === assignee || (op === "transfer" && agent.id === desk.me.agent));
  // In the order in which they were shown first: what moves under a hand, or a focus, is hit by mistake.
  const order = useRef(ranked.map((agent) => agent.id)).current;
  const agents = [...ranked].sort((a, b) => placeIn(order, a.id) - placeIn(order, b.id));
  const give = (agent: string) => {
    opened.value = "";
    desk.doings.give(id, op, agent);
  };
  return (
    <>
      <p role="presentation">{op === "assign" ? w.assignTo : w.transferTo}</p>
      {agents.length === 0 && <p class="quiet" role="presentation">{w.none}</p>}
      {agents.map((agent) => (
        <button type="button" role="menuitem" key={agent.id} data-testid="agent-choice" data-agent={agent.id} onClick={() => give(agent.id)}>
          <Face name={agent.name} id={agent.id} />
          <span>{agent.id === desk.me.agent ? `${agent.name} (${w.toMe})` : agent.name}</span>
          <Load desk={desk} agent={agent} />
          <ColleagueHere desk={desk} agent={agent} />
        </button>
      ))}
    </>
  );
}

function placeIn(order: string[], id: string): number {
  const at = order.indexOf(id);
  return at < 0 ? order.length : at;
}

function Load({ desk, agent }: { desk: Desk; agent: Colleague }) {
  if (agent.load === undefined) return null;
  const most = agent.capacity ?? desk.workspace.settings.value.routing.capacity;
  return <small class={`load ${agent.load >= most ? "is-full" : ""}`} title={words().loadText}>{agent.load}/{most}</small>;
}

/** What they say of themselves, unless they are not even there. */
function ColleagueHere({ desk, agent }: { desk: Desk; agent: Colleague }) {
  const status = desk.workspace.statusName(agent.status);
  return agent.online ? <Here kind={desk.workspace.statusKind(agent.status)} label={status} /> : <Here kind="gone" label={`${status}, ${words().noDesk}`} />;
}
