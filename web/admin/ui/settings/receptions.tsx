/** Where a new conversation goes, by where it comes from. */
import { reception as check } from "../../state/settings/checks";
import { optional, type Bound, type Draft } from "../../state/settings/draft";
import { CHANNELS, type Reception, type ReceptionWhen } from "../../state/settings/values";
import { Part } from "../kit/entry";
import { SelectField, Switch, TextField } from "../kit/fields";
import { ChipsField } from "../kit/lists";
import { languageName, set } from "../kit/words";
import { departmentOptions } from "./departments";
import type { PageProps } from "./page";
import { RulePages, type RuleKind } from "./rules";
import { receptionText } from "./sentences";

const LANGUAGES = ["en", "zh", "ar", "de", "es", "fr", "hi", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "vi"];

const KIND: RuleKind<Reception> = {
  section: "receptions",
  of: (all) => all.receptions,
  blank: (order) => ({ name: "", enabled: true, order, when: {}, then: { skills: [], tags: [] } }),
  check,
  tidy: (value) => ({ ...value, name: value.name.trim(), when: kept(value.when), then: kept(value.then) }),
  text: receptionText,
  fresh: () => set().newReception,
  fields: (draft, all, fresh) => <Fields draft={draft} all={all} fresh={fresh} />,
};

export function ReceptionPages(props: PageProps) {
  return <RulePages {...props} kind={KIND} />;
}

type Props = { draft: Draft<Reception>; all: PageProps["all"] };

function Fields({ draft, all, fresh }: Props & { fresh: boolean }) {
  const s = set();
  return (
    <>
      <Part title={s.general}>
        <TextField label={s.name} hint={s.ruleNameHint} field={draft.at("name")} testid="name" input={{ maxLength: 200, autoFocus: fresh }} />
        <Switch label={s.enabled} on={draft.value.value.enabled} turn={draft.at("enabled").set} testid="enabled" />
      </Part>
      <Part title={s.whichOnes} lead={s.allFit}><When draft={draft} all={all} /></Part>
      <Part title={s.whatThen}><Then draft={draft} all={all} /></Part>
    </>
  );
}

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
