/** Where a new conversation goes, by where it comes from. */
import { fill } from "../../../i18n/pick";
import { NEW, settingsAt } from "../../state/place";
import { reception as check } from "../../state/settings/checks";
import { optional, type Bound, type Draft } from "../../state/settings/draft";
import { keyOf } from "../../state/settings/lists";
import { CHANNELS, plain, type Changed, type Reception, type ReceptionWhen } from "../../state/settings/values";
import { AddLink, Entry, Head, Part, useDraft } from "../kit/entry";
import { SelectField, Switch, TextField } from "../kit/fields";
import { ChipsField } from "../kit/lists";
import { languageName, set } from "../kit/words";
import { departmentOptions } from "./departments";
import { Gone, chosen, type PageProps } from "./page";
import { Rules } from "./rows";
import { receptionText } from "./sentences";

type Entered = Reception & Changed & { rule: string };
const LANGUAGES = ["en", "zh", "ar", "de", "es", "fr", "hi", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "vi"];

export function ReceptionPages({ shown, all, place }: PageProps) {
  const s = set();
  const entry = place.key === null ? null : chosen(all.receptions, place, (one) => one.rule);
  if (entry === "gone") return <Gone section="receptions" />;
  if (entry !== null) return <One key={place.key} shown={shown} all={all} place={place} entry={entry === "fresh" ? null : entry} />;
  return (
    <>
      <Head title={s.names["receptions"]!} lead={s.leads["receptions"]}><AddLink href={settingsAt("receptions", NEW)} text={s.add} /></Head>
      <Rules shown={shown} rules={all.receptions} none={s.none.receptions} href={(rule) => settingsAt("receptions", rule.rule)} text={(rule) => receptionText(rule, all)}
        put={(rule) => shown.office.put(`receptions/${rule.rule}`, plain<Reception>(rule, "rule"))} />
    </>
  );
}

function One({ shown, all, entry }: PageProps & { entry: Entered | null }) {
  const s = set();
  const last = Math.max(0, ...all.receptions.map((one) => one.order));
  const base: Reception = entry ? plain<Reception>(entry, "rule") : { name: "", enabled: true, order: last + 10, when: {}, then: { skills: [], tags: [] } };
  const draft = useDraft<Reception>(shown, entry?.rule ?? NEW, base, {
    check,
    tidy: (value) => ({ ...value, name: value.name.trim(), when: kept(value.when), then: kept(value.then) }),
    save: (value) => shown.office.put(`receptions/${entry?.rule ?? keyOf(value.name, "rule", new Set(all.receptions.map((one) => one.rule)))}`, value),
  });
  const list = () => shown.go({ page: "settings", section: "receptions", key: null, part: null });
  const value = draft.value.value;
  return (
    <>
      <Head title={entry ? entry.name : s.newReception} lead={<span data-testid="sentence">{receptionText(value, all)}</span>} back={settingsAt("receptions")} />
      <Entry draft={draft} changed={entry} verb={entry ? undefined : s.add} saved={entry ? undefined : () => (shown.tell(s.added), list())}
        remove={entry ? { title: fill(s.removeAsk, { name: entry.name }), text: s.ruleRemoveText, yes: s.remove, run: async () => {
          await shown.office.remove(`receptions/${entry.rule}`);
          draft.revert();
          shown.tell(s.removed);
          list();
        } } : undefined}>
        <Part title={s.general}>
          <TextField label={s.name} hint={s.ruleNameHint} field={draft.at("name")} testid="name" input={{ maxLength: 200, autoFocus: entry === null }} />
          <Switch label={s.enabled} on={value.enabled} turn={draft.at("enabled").set} testid="enabled" />
        </Part>
        <Part title={s.whichOnes} lead={s.allFit}><When draft={draft} all={all} /></Part>
        <Part title={s.whatThen}><Then draft={draft} all={all} /></Part>
      </Entry>
    </>
  );
}

type Props = { draft: Draft<Reception>; all: PageProps["all"] };

function When({ draft, all }: Props) {
  const s = set();
  const when = draft.at("when");
  const field = (key: keyof ReceptionWhen): Bound<string> => optional(draft.below(when, key));
  const languages = LANGUAGES.map((tag): [string, string] => [tag, languageName(tag)]);
  return (
    <>
      <div class="pair">
        <SelectField label={s.site} field={field("site")} testid="when-site" options={[["", s.anySite], ...all.sites.map((one): [string, string] => [one.site, one.name])]} />
        <TextField label={s.page} hint={s.pageHint} field={field("page")} testid="when-page" input={{ placeholder: "/checkout*", spellcheck: false }} />
      </div>
      <div class="pair">
        <SelectField label={s.channel} field={field("channel")} testid="when-channel" options={[["", s.anyChannel], ...CHANNELS.map((one): [string, string] => [one, s.channels[one]!])]} />
        <SelectField label={s.language} field={field("language")} testid="when-language" options={[["", s.anyLanguage], ...languages]} />
      </div>
      <SelectField label={s.askedDepartment} field={field("department")} testid="when-department" options={departmentOptions(all, s.anyDepartment)} />
    </>
  );
}

function Then({ draft, all }: Props) {
  const s = set();
  const then = draft.at("then");
  const department = optional(draft.below(then, "department"));
  return (
    <>
      <SelectField label={s.toDepartment} field={department} testid="then-department" options={departmentOptions(all, s.noDepartment)} />
      <ChipsField label={s.skills} hint={s.neededSkillsHint} field={draft.below(then, "skills")} testid="then-skills" placeholder={s.skillsPlaceholder} />
      <ChipsField label={s.names["tags"]!} field={draft.below(then, "tags")} testid="then-tags" placeholder={s.tagsPlaceholder} suggestions={all.tags?.tags ?? []} />
    </>
  );
}

function kept<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined && one !== "" && one !== null)) as T;
}
