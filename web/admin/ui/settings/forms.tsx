/** What visitors are asked before a conversation, and outside working hours instead of one. */
import { useState } from "preact/hooks";
import { prefs } from "../../../staff/prefs";
import { everyLanguage } from "../../state/prefs";
import type { Bound, Draft } from "../../state/settings/draft";
import { keyOf } from "../../state/settings/lists";
import { KINDS, type AllSettings, type Appearance, type Form, type FormField, type Kind, type Texts } from "../../state/settings/values";
import { Entry, Part } from "../kit/entry";
import { Group, SelectField, Switch, TextField } from "../kit/fields";
import { Ordered, TextsField, languagesOf } from "../kit/lists";
import { checkText, languageName, own, set } from "../kit/words";
import type { SitePartProps } from "./look";
import { Beside } from "./preview";

type Which = "prechat" | "offline";

/** Keys that mean something to Parley, and of which kinds they may be. */
const MEANT: Record<string, Kind[]> = { name: ["text"], email: ["email"], phone: ["tel"], department: ["select"], question: ["textarea", "text"] };

/** What a field is called before somebody calls it otherwise: in each language that the console speaks. */
function called(key: string): Texts {
  return Object.fromEntries(Object.entries(everyLanguage).map(([tag, words]) => [tag, words.set.fieldLabels[key] ?? ""]).filter(([, text]) => text));
}

function field(key: string, required = false): FormField {
  return { key, kind: MEANT[key]?.[0] ?? "text", label: called(key), required, options: [] };
}

const USUAL: Record<Which, () => Form> = {
  prechat: () => ({ intro: {}, fields: [field("name"), field("email", true)] }),
  offline: () => ({ intro: {}, fields: [field("name"), field("email", true), field("question", true)] }),
};

export function FormsPart({ draft, entry, all }: SitePartProps & { all: AllSettings }) {
  const s = set();
  const [which, setWhich] = useState<Which>(draft.value.value.prechat === null && draft.value.value.offline !== null ? "offline" : "prechat");
  return (
    <Beside unsaved={draft.dirty.value} look={draft.value.value} name={entry.name} language={draft.value.value.language ?? prefs.value.language} stage={which} stages={["prechat", "offline"]} show={(one) => setWhich(one as Which)} departments={all.departments.filter((one) => one.offered).map((one) => one.name)}>
      <Entry draft={draft} changed={entry.appearance}>
        {(["prechat", "offline"] as const).map((one) => <OneForm key={one} draft={draft} which={one} touched={() => setWhich(one)} />)}
        <p class="quiet">{s.formsNote}</p>
      </Entry>
    </Beside>
  );
}

function OneForm({ draft, which, touched }: { draft: Draft<Appearance>; which: Which; touched: () => void }) {
  const s = set();
  const form = draft.at(which) as Bound<Form | null>;
  const turn = (on: boolean) => (touched(), form.set(on ? USUAL[which]() : null));
  return (
    <div onFocusCapture={touched}>
      <Part title={s.forms[which]!.title} lead={s.forms[which]!.text}>
        <Switch label={s.formOn} on={form.value !== null} turn={turn} testid={`${which}-on`} />
        {form.value && <Fields draft={draft} which={which} form={form as Bound<Form>} />}
      </Part>
    </div>
  );
}

function Fields({ draft, which, form }: { draft: Draft<Appearance>; which: Which; form: Bound<Form> }) {
  const s = set();
  const { fields } = form.value;
  const change = (fresh: FormField[]) => form.set({ ...form.value, fields: fresh });
  const free = Object.keys(MEANT).filter((key) => fields.every((one) => one.key !== key));
  const add = (key: string) => change([...fields, key === "own" ? { ...field(""), key: ownKey(fields) } : field(key)]);
  const problem = draft.problems.value[`${which}.fields`];
  return (
    <>
      <TextsField label={s.formIntro} field={draft.below(form, "intro")} testid={`${which}-intro`} long most={1_000} placeholder={(tag) => everyLanguage[tag]?.set.introPlaceholder} />
      <Ordered items={fields} change={change} testid={`${which}-field`} title={(one) => own(one.label) || s.fieldLabels[one.key] || s.newField}
        about={(one) => [s.kinds[one.kind]!, ...(one.required ? [s.requiredChip] : [])]} wrong={(at) => Object.keys(draft.problems.value).some((path) => path.startsWith(`${which}.fields.${at}.`))}>
        {(one, at, set_) => <OneField draft={draft} path={`${which}.fields.${at}`} one={one} change={set_} />}
      </Ordered>
      {problem && <p class="problem" role="alert">{checkText(problem)}</p>}
      <select class="another" value="" aria-label={s.addField} data-testid={`${which}-add`} onChange={(event) => event.currentTarget.value && add(event.currentTarget.value)}>
        <option value="">+ {s.addField}</option>
        {free.map((key) => <option key={key} value={key}>{s.fieldLabels[key]}</option>)}
        <option value="own">{s.ownField}</option>
      </select>
    </>
  );
}

function ownKey(fields: FormField[]): string {
  return keyOf("field", "field", new Set(fields.map((one) => one.key))).replaceAll("-", "_");
}

interface OneFieldProps {
  draft: Draft<Appearance>;
  path: string;
  one: FormField;
  change: (one: FormField) => void;
}

function OneField({ draft, path, one, change }: OneFieldProps) {
  const s = set();
  const problems = draft.problems.value;
  const bound = <K extends keyof FormField>(key: K): Bound<FormField[K]> => ({
    value: one[key], path: `${path}.${key}`, problem: problems[`${path}.${key}`], leave: () => {}, set: (value) => change({ ...one, [key]: value }),
  });
  const kinds = MEANT[one.key] ?? KINDS;
  const kind = (value: string) => change({ ...one, kind: value as Kind, options: value === "select" ? one.options : [] });
  return (
    <>
      <TextsField label={s.fieldLabel} field={bound("label")} testid={`${path}-label`} most={1_000} />
      <div class="pair">
        {kinds.length > 1 && <SelectField label={s.kind} field={{ ...bound("kind"), set: kind }} options={kinds.map((each): [string, string] => [each, s.kinds[each]!])} testid={`${path}-kind`} />}
        {!MEANT[one.key] && <TextField label={s.attribute} hint={s.attributeHint} field={bound("key")} testid={`${path}-key`} input={{ maxLength: 32, spellcheck: false }} />}
      </div>
      {one.kind === "select" && one.key !== "department" && <Options field={bound("options")} testid={`${path}-options`} />}
      <Switch label={s.required} on={one.required} turn={bound("required").set} testid={`${path}-required`} />
    </>
  );
}

/** A choice a line; the first line of each language is the same choice. */
function Options({ field: bound, testid }: { field: Bound<Texts[]>; testid: string }) {
  const s = set();
  const languages = languagesOf(Object.assign({}, ...bound.value) as Texts);
  const lines = (tag: string) => bound.value.map((one) => one[tag] ?? "");
  const [text, setText] = useState<Record<string, string>>(() => Object.fromEntries(languages.map((tag) => [tag, lines(tag).join("\n").trimEnd()])));
  const say = (tag: string, written: string) => {
    const fresh = { ...text, [tag]: written };
    setText(fresh);
    const split = Object.entries(fresh).map(([each, all]) => [each, all.split("\n").map((line) => line.trim())] as const);
    const most = Math.max(...split.map(([, all]) => all.length));
    const options = Array.from({ length: most }, (_, i) => Object.fromEntries(split.map(([each, all]) => [each, all[i] ?? ""]).filter(([, line]) => line)) as Texts);
    bound.set(options.filter((one) => Object.keys(one).length > 0));
  };
  return (
    <Group label={s.options} hint={s.optionsHint} problem={bound.problem}>
      <div class="texts">
        {languages.map((tag) => (
          <label key={tag} class="text-in"><span>{languageName(tag)}</span><textarea rows={3} lang={tag} value={text[tag] ?? ""} data-testid={`${testid}-${tag}`} onInput={(event) => say(tag, event.currentTarget.value)} /></label>
        ))}
      </div>
    </Group>
  );
}
