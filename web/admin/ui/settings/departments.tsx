/** Departments: into which conversations are sorted, and who of the agents is in which. */
import { fill } from "../../../i18n/pick";
import { NEW, settingsAt } from "../../state/place";
import { department as check, type Problems } from "../../state/settings/checks";
import { optional } from "../../state/settings/draft";
import { keyOf } from "../../state/settings/lists";
import { plain, type AllSettings, type Changed, type Department } from "../../state/settings/values";
import { AddLink, Entry, Head, Part, useDraft } from "../kit/entry";
import { SelectField, Switch, TextField } from "../kit/fields";
import { set } from "../kit/words";
import { Gone, chosen, type PageProps } from "./page";
import { Row, Rows } from "./rows";

type Value = Department & { department: string };

export function DepartmentPages({ shown, all, place }: PageProps) {
  const s = set();
  const entry = place.key === null ? null : chosen(all.departments, place, (one) => one.department);
  if (entry === "gone") return <Gone section="departments" />;
  if (entry !== null) return <One key={place.key} shown={shown} all={all} place={place} entry={entry === "fresh" ? null : entry} />;
  const agents = shown.office.agents.now.value.value ?? [];
  const inside = (key: string) => agents.filter((one) => one.departments.includes(key)).length;
  return (
    <>
      <Head title={s.names["departments"]!} lead={s.leads["departments"]}><AddLink href={settingsAt("departments", NEW)} text={s.add} /></Head>
      <Rows none={s.none.departments}>
        {all.departments.map((one) => (
          <Row key={one.department} id={one.department} href={settingsAt("departments", one.department)} title={one.name} chips={one.offered ? [s.offeredChip] : []}
            text={[fill(s.agentsInside, { n: inside(one.department) }), one.strategy ? s.strategies[one.strategy]!.title : s.asEverywhere].join(" · ")} />
        ))}
      </Rows>
    </>
  );
}

function One({ shown, all, entry }: PageProps & { entry: (Value & Changed) | null }) {
  const s = set();
  const taken = new Set(entry ? [] : all.departments.map((one) => one.department));
  const base: Value = entry ? plain<Value>(entry) : { department: "", name: "", strategy: null, offered: true };
  const draft = useDraft<Value>(shown, entry?.department ?? NEW, base, {
    check: (value) => named(check(filled(value, taken), taken), "department", value.department),
    save: (value, seen) => {
      const { department, ...rest } = filled(value, taken);
      return shown.office.put(`departments/${encodeURIComponent(department)}`, { ...rest, name: rest.name.trim() }, seen);
    },
  }, entry ? entry.version : "none");
  const list = () => shown.go({ page: "settings", section: "departments", key: null, part: null });
  const value = draft.value.value;
  const strategy = optional(draft.at("strategy"));
  return (
    <>
      <Head title={entry ? entry.name : s.newDepartment} back={settingsAt("departments")} />
      <Entry draft={draft} changed={entry} verb={entry ? undefined : s.add} saved={entry ? undefined : () => (shown.tell(s.added), list())}
        remove={entry ? { title: fill(s.removeAsk, { name: entry.name }), text: s.departmentRemoveText, yes: s.remove, run: async () => {
          await shown.office.remove(`departments/${encodeURIComponent(entry.department)}`, entry.version);
          draft.revert();
          shown.tell(s.removed);
          list();
        } } : undefined}>
        <Part title={s.general}>
          <TextField label={s.name} field={draft.at("name")} testid="name" input={{ maxLength: 200, autoFocus: entry === null }} />
          {!entry && <TextField label={s.key} hint={s.keyHint} field={draft.at("department")} testid="key" input={{ maxLength: 32, placeholder: filled(value, taken).department, spellcheck: false }} />}
          <SelectField label={s.strategy} hint={value.strategy ? s.strategies[value.strategy]!.text : s.strategyHint} field={strategy} testid="strategy"
            options={[["", s.asEverywhereLong], ...Object.entries(s.strategies).map(([key, { title }]): [string, string] => [key, title])]} />
          <Switch label={s.offered} hint={s.offeredHint} on={value.offered} turn={(on) => draft.at("offered").set(on)} testid="offered" />
        </Part>
        {entry && <Inside shown={shown} department={entry.department} />}
      </Entry>
    </>
  );
}

/** A key that nobody has written comes with the name, so only the name is missing. */
export function named(problems: Problems, key: string, written: string): Problems {
  const { [key]: missing, ...rest } = problems;
  return missing && !written && problems["name"] ? rest : problems;
}

/** A key that nobody has written is made of the name. */
function filled(value: Value, taken: ReadonlySet<string>): Value {
  return value.department || !value.name.trim() ? value : { ...value, department: keyOf(value.name, "department", taken) };
}

function Inside({ shown, department }: { shown: PageProps["shown"]; department: string }) {
  const s = set();
  const agents = (shown.office.agents.now.value.value ?? []).filter((one) => one.departments.includes(department));
  return (
    <Part title={s.names["agents"]!} lead={s.insideLead}>
      {agents.length === 0 ? <p class="quiet">{s.nobodyInside}</p> : (
        <p class="tags">{agents.map((one) => <a key={one.id} class="chip is-tag" href={settingsAt("agents", one.id)}>{one.name}</a>)}</p>
      )}
    </Part>
  );
}

export function departmentOptions(all: AllSettings, none: string): [string, string][] {
  return [["", none], ...all.departments.map((one): [string, string] => [one.department, one.name])];
}

export function departmentName(all: AllSettings, key: string): string {
  return all.departments.find((one) => one.department === key)?.name ?? key;
}
