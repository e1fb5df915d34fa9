/** What is said to visitors before they ask. */
import { MOST, welcome as check } from "../../state/settings/checks";
import { optional, translated, type Bound, type Draft } from "../../state/settings/draft";
import { SOURCES, type Welcome, type WelcomeWhen } from "../../state/settings/values";
import { Part } from "../kit/entry";
import { Cards, Checks, NumberField, SelectField, Switch, TextField } from "../kit/fields";
import { TextsField } from "../kit/lists";
import { set } from "../kit/words";
import type { PageProps } from "./page";
import { RulePages, type RuleKind } from "./rules";
import { said } from "./said";
import { welcomeText } from "./sentences";

const KIND: RuleKind<Welcome> = {
  section: "welcomes",
  of: (all) => all.welcomes,
  blank: (order) => ({ name: "", enabled: true, order, sites: [], when: {}, text: {}, open: false }),
  check,
  tidy: (value) => ({ ...value, name: value.name.trim(), text: said(value.text), when: kept(value.when) }),
  text: welcomeText,
  fresh: () => set().newWelcome,
  fields: (draft, all, fresh) => <Fields draft={draft} all={all} fresh={fresh} />,
};

export function WelcomePages(props: PageProps) {
  return <RulePages {...props} kind={KIND} />;
}

type Props = { draft: Draft<Welcome>; all: PageProps["all"] };

function Fields({ draft, all, fresh }: Props & { fresh: boolean }) {
  const s = set();
  const value = draft.value.value;
  return (
    <>
      <Part title={s.general}>
        <TextField label={s.name} hint={s.ruleNameHint} field={draft.at("name")} testid="name" input={{ maxLength: 200, autoFocus: fresh }} />
        <TextsField label={s.welcomeText} hint={s.textsHint} field={draft.at("text")} testid="text" long most={1_000} />
        <Cards label={s.howShown} testid="open" chosen={value.open ? "window" : "bubble"} choose={(how) => draft.at("open").set(how === "window")}
          cards={[{ value: "bubble", ...s.shownAs.bubble }, { value: "window", ...s.shownAs.window }]} />
        <Switch label={s.enabled} on={value.enabled} turn={draft.at("enabled").set} testid="enabled" />
      </Part>
      <Part title={s.forWhom} lead={s.allFit}><When draft={draft} all={all} /></Part>
    </>
  );
}

function When({ draft, all }: Props) {
  const s = set();
  const when = draft.at("when");
  const removed = (all.removed_sites ?? []).filter((one) => draft.value.value.sites.includes(one.site));
  const at = <K extends keyof WelcomeWhen>(key: K) => draft.below(when, key) as Bound<WelcomeWhen[K]>;
  const after = translated(at("after_s"), (value) => value ?? 0, (value) => value);
  const returning = translated(at("returning"), (value) => (value == null ? "" : String(value)), (text) => (text === "" ? null : text === "true"));
  return (
    <>
      <Checks label={s.names["sites"]!} hint={s.welcomeSitesHint} testid="site" options={[...all.sites, ...removed].map((one) => [one.site, one.name])} chosen={draft.value.value.sites} choose={draft.at("sites").set} none={s.none.sites.title} />
      <div class="pair">
        <TextField label={s.page} hint={s.pageHint} field={optional(at("page"))} testid="page" input={{ placeholder: "/pricing*", spellcheck: false }} />
        <NumberField label={s.afterS} hint={s.afterHint} field={after} unit={s.seconds} most={MOST.wait} testid="after" />
      </div>
      <div class="pair">
        <SelectField label={s.source} testid="source" field={optional(at("source"))} options={[["", s.anySource], ...SOURCES.map((one): [string, string] => [one, s.sources[one]!])]} />
        <TextField label={s.campaign} hint={s.campaignHint} field={optional(at("campaign"))} testid="campaign" input={{ maxLength: 200 }} />
      </div>
      <div class="pair">
        <SelectField label={s.returning} testid="returning" field={returning} options={[["", s.anyVisitor], ["false", s.firstVisit], ["true", s.returningVisit]]} />
        <SelectField label={s.opening} testid="opening" field={optional(at("opening"))} options={[["", s.anyTime], ["open", s.whileOpen], ["closed", s.whileClosed]]} />
      </div>
    </>
  );
}

/** What was left empty is no condition. */
function kept(when: WelcomeWhen): WelcomeWhen {
  return Object.fromEntries(Object.entries(when).filter(([, value]) => value !== undefined && value !== "" && value !== null && value !== 0));
}
