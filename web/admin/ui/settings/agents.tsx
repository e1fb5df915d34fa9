/** Who answers here: let in, given rights, given another password, let go. */
import { useState } from "preact/hooks";
import { ApiError } from "../../../client/http";
import { fill } from "../../../i18n/pick";
import { Face, Here } from "../../../staff/bits";
import { NEW, settingsAt } from "../../state/place";
import { agent as check } from "../../state/settings/checks";
import { translated, type Draft } from "../../state/settings/draft";
import { drawPassword } from "../../state/settings/lists";
import { ROLES, USUAL_ROUTING, plain, type AgentEntry, type AgentValue, type AllSettings } from "../../state/settings/values";
import { Failed, problemText } from "../bits";
import { Confirm, Copyable, Dialog } from "../kit/dialog";
import { AddLink, Entry, Head, Part, useDraft } from "../kit/entry";
import { Cards, Checks, Group, NumberField, Switch, TextField } from "../kit/fields";
import { ChipsField } from "../kit/lists";
import { own, set } from "../kit/words";
import { departmentName } from "./departments";
import { Gone, Waiting, chosen, type PageProps } from "./page";
import { Row, Rows } from "./rows";

type Value = AgentValue & { email: string };

export function AgentPages({ shown, all, place }: PageProps) {
  const s = set();
  const { state, value: agents, error } = shown.office.agents.now.value;
  if (!agents) return <><Head title={s.names["agents"]!} />{state === "failed" ? <Failed error={error} again={() => void shown.office.loadAgents()} /> : <Waiting />}</>;
  const entry = place.key === null ? null : chosen(agents, place, (one) => one.id);
  if (entry === "gone") return <Gone section="agents" />;
  if (entry !== null) return <One key={place.key} shown={shown} all={all} place={place} entry={entry === "fresh" ? null : entry} />;
  return (
    <>
      <Head title={s.names["agents"]!} lead={s.leads["agents"]}><AddLink href={settingsAt("agents", NEW)} text={s.add} /></Head>
      <Rows none={s.none.agents}>{agents.map((one) => <AgentRow key={one.id} agent={one} all={all} me={one.id === shown.me.agent} />)}</Rows>
    </>
  );
}

function AgentRow({ agent, all, me }: { agent: AgentEntry; all: AllSettings; me: boolean }) {
  const s = set();
  const inside = (agent.departments ?? []).map((one) => departmentName(all, one));
  const text = [agent.email, ...(inside.length > 0 ? [inside.join(", ")] : []), fill(s.loadOf, { load: agent.load, capacity: capacityOf(agent, all) })].filter(Boolean).join(" · ");
  return (
    <Row id={agent.id} href={settingsAt("agents", agent.id)} title={agent.name} text={text}
      chips={[...(agent.role === "agent" ? [] : [s.roles[agent.role]!.title]), ...(me ? [s.you] : [])]}
      mark={<span class="visitor"><Face name={agent.name} id={agent.id} /><Here kind={agent.online ? agent.status : "gone"} label={statusText(agent.online, agent.status, all)} /></span>} />
  );
}

export function statusText(online: boolean, status: string, all: AllSettings | undefined): string {
  const s = set();
  if (!online) return s.statuses["gone"]!;
  const known = all?.statuses.find((one) => one.status === status);
  return known ? own(known.name) : (s.statuses[status] ?? status);
}

function capacityOf(agent: AgentEntry, all: AllSettings): number {
  return agent.capacity ?? all.routing?.capacity ?? USUAL_ROUTING.capacity;
}

interface Secret {
  name: string;
  email: string;
  password: string;
}

function One({ shown, all, entry }: PageProps & { entry: AgentEntry | null }) {
  const s = set();
  const [secret, setSecret] = useState<Secret | null>(null);
  const list = () => shown.go({ page: "settings", section: "agents", key: null, part: null });
  const base: Value = entry ? { email: entry.email ?? "", ...valueOf(entry) } : { email: "", name: "", role: "agent", departments: [], skills: [], capacity: null };
  const draft = useDraft<Value>(shown, entry?.id ?? NEW, base, {
    check: (value) => check(value, entry ? null : value.email),
    save: async ({ email, ...value }, seen) => {
      if (entry) return shown.office.changeAgent(entry.id, value, seen);
      try {
        const added = await shown.office.addAgent({ ...value, email: email.trim() });
        setSecret({ name: value.name, email: email.trim(), password: added.password ?? "" });
      } catch (error) {
        if (error instanceof ApiError && error.code === "exists") draft.blame("email", { code: "taken" });
        throw error;
      }
      return true;
    },
  }, entry?.version);
  return (
    <>
      <Head title={entry ? entry.name : s.newAgent} back={settingsAt("agents")} />
      <Entry draft={draft} changed={entry} verb={entry ? undefined : s.add}>
        <Part title={s.general}>
          {entry ? <p class="fact-line"><span>{s.email}</span> <strong>{entry.email}</strong></p>
            : <TextField label={s.email} hint={s.emailHint} field={draft.at("email")} testid="email" input={{ type: "email", autoComplete: "off", autoFocus: true }} />}
          <TextField label={s.name} hint={s.agentNameHint} field={draft.at("name")} testid="name" input={{ maxLength: 200, autoComplete: "off" }} />
          <Cards label={s.role} testid="role" chosen={draft.value.value.role} choose={draft.at("role").set} cards={ROLES.map((value) => ({ value, ...s.roles[value]! }))} />
        </Part>
        <Part title={s.whatTheyGet}>
          <Checks label={s.names["departments"]!} hint={s.agentDepartmentsHint} testid="department" options={all.departments.map((one) => [one.department, one.name])}
            chosen={draft.value.value.departments} choose={draft.at("departments").set} none={<>{s.none.departments.title}. <a href={settingsAt("departments", NEW)}>{s.newDepartment}</a></>} />
          <ChipsField label={s.skills} hint={s.skillsHint} field={draft.at("skills")} testid="skills" placeholder={s.skillsPlaceholder} />
          <Capacity draft={draft} all={all} />
        </Part>
      </Entry>
      {entry && <Access shown={shown} agent={entry} me={entry.id === shown.me.agent} done={() => (draft.revert(), list())} />}
      {secret && <Shown secret={secret} close={() => (setSecret(null), list())} />}
    </>
  );
}

function valueOf(entry: AgentEntry): AgentValue {
  const { name, role, departments, skills, capacity } = plain(entry);
  return { name, role, departments: departments ?? [], skills: skills ?? [], capacity: capacity ?? null };
}

function Capacity({ draft, all }: { draft: Draft<Value>; all: AllSettings }) {
  const s = set();
  const usual = all.routing?.capacity ?? USUAL_ROUTING.capacity;
  const field = draft.at("capacity");
  const number = translated(field, (value) => value ?? usual, (value) => value);
  return (
    <Group label={s.capacity} hint={s.ownCapacityHint}>
      <div class="time-row">
        <Switch label={field.value === null ? fill(s.usualCapacity, { n: usual }) : s.ownCapacity} on={field.value !== null} turn={(on) => field.set(on ? usual : null)} testid="own-capacity" />
        {field.value !== null && <div class="is-unlabelled"><NumberField label={s.capacity} field={number} least={0} most={100} unit={s.atOnce} testid="capacity" /></div>}
      </div>
    </Group>
  );
}

/** What becomes of a password that was drawn: it is seen once, here. */
function Shown({ secret, close }: { secret: Secret; close: () => void }) {
  const s = set();
  return (
    <Dialog title={fill(s.passwordOf, { name: secret.name })} close={close} testid="secret" actions={<button type="button" class="primary" data-testid="secret-done" onClick={close}>{s.done}</button>}>
      <p>{fill(s.passwordOnce, { email: secret.email })}</p>
      <Copyable text={secret.password} label={s.password} testid="secret-password" />
    </Dialog>
  );
}

function Access({ shown, agent, me, done }: { shown: PageProps["shown"]; agent: AgentEntry; me: boolean; done: () => void }) {
  const s = set();
  const [asking, setAsking] = useState<"password" | "leave" | null>(null);
  const [secret, setSecret] = useState<Secret | null>(null);
  const [problem, setProblem] = useState("");
  const attempt = async (work: () => Promise<void>) => {
    setProblem("");
    await work().catch((error: unknown) => setProblem(problemText(error)));
    setAsking(null);
  };
  const renew = () => attempt(async () => {
    const password = drawPassword();
    await shown.office.setPassword(agent.id, password);
    setSecret({ name: agent.name, email: agent.email, password });
  });
  const leave = () => attempt(async () => {
    await shown.office.deactivate(agent.id, agent.version);
    shown.tell(fill(s.deactivated, { name: agent.name }));
    done();
  });
  if (me) return <section class="panel part"><h2>{s.access}</h2><p class="lead">{s.ownAccess} <a href={settingsAt("account")}>{s.names["account"]}</a></p></section>;
  return (
    <section class="panel part">
      <h2>{s.access}</h2>
      <p class="lead">{s.accessLead}</p>
      {problem && <p class="problem" role="alert">{problem}</p>}
      <p class="buttons">
        <button type="button" class="plain is-framed" data-testid="new-password" onClick={() => setAsking("password")}>{s.newPassword}</button>
        <button type="button" class="plain is-framed is-danger" data-testid="deactivate" onClick={() => setAsking("leave")}>{s.deactivate}</button>
      </p>
      {asking === "password" && <Confirm title={fill(s.newPasswordAsk, { name: agent.name })} text={s.newPasswordText} yes={s.newPassword} run={renew} close={() => setAsking(null)} testid="confirm" />}
      {asking === "leave" && <Confirm title={fill(s.deactivateAsk, { name: agent.name })} text={s.deactivateText} yes={s.deactivate} run={leave} close={() => setAsking(null)} testid="confirm" />}
      {secret && <Shown secret={secret} close={() => setSecret(null)} />}
    </section>
  );
}

