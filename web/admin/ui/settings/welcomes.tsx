/** What is said to visitors before they ask. */
import { fill } from "../../../i18n/pick";
import { NEW, settingsAt } from "../../state/place";
import { MOST, welcome as check } from "../../state/settings/checks";
import { optional, translated, type Bound, type Draft } from "../../state/settings/draft";
import { keyOf } from "../../state/settings/lists";
import { SOURCES, plain, type Changed, type Welcome, type WelcomeWhen } from "../../state/settings/values";
import { AddLink, Entry, Head, Part, useDraft } from "../kit/entry";
import { Cards, Checks, NumberField, SelectField, Switch, TextField } from "../kit/fields";
import { TextsField } from "../kit/lists";
import { set } from "../kit/words";
import { Gone, chosen, type PageProps } from "./page";
import { Rules } from "./rows";
import { said } from "./said";
import { welcomeText } from "./sentences";

type Entered = Welcome & Changed & { rule: string };

export function WelcomePages({ shown, all, place }: PageProps) {
  const s = set();
  const entry = place.key === null ? null : chosen(all.welcomes, place, (one) => one.rule);
  if (entry === "gone") return <Gone section="welcomes" />;
  if (entry !== null) return <One key={place.key} shown={shown} all={all} place={place} entry={entry === "fresh" ? null : entry} />;
  return (
    <>
      <Head title={s.names["welcomes"]!} lead={s.leads["welcomes"]}><AddLink href={settingsAt("welcomes", NEW)} text={s.add} /></Head>
      <Rules shown={shown} rules={all.welcomes} none={s.none.welcomes} href={(rule) => settingsAt("welcomes", rule.rule)} text={(rule) => welcomeText(rule, all)}
        put={(rule) => shown.office.put(`welcomes/${rule.rule}`, plain<Welcome>(rule, "rule"))} />
    </>
  );
}

function One({ shown, all, entry }: PageProps & { entry: Entered | null }) {
  const s = set();
  const last = Math.max(0, ...all.welcomes.map((one) => one.order));
  const base: Welcome = entry ? plain<Welcome>(entry, "rule") : { name: "", enabled: true, order: last + 10, sites: [], when: {}, text: {}, open: false };
  const draft = useDraft<Welcome>(shown, entry?.rule ?? NEW, base, {
    check,
    tidy: (value) => ({ ...value, name: value.name.trim(), text: said(value.text), when: kept(value.when) }),
    save: (value) => shown.office.put(`welcomes/${entry?.rule ?? keyOf(value.name, "rule", new Set(all.welcomes.map((one) => one.rule)))}`, value),
  });
  const list = () => shown.go({ page: "settings", section: "welcomes", key: null, part: null });
  const value = draft.value.value;
  return (
    <>
      <Head title={entry ? entry.name : s.newWelcome} lead={<span data-testid="sentence">{welcomeText(value, all)}</span>} back={settingsAt("welcomes")} />
      <Entry draft={draft} changed={entry} verb={entry ? undefined : s.add} saved={entry ? undefined : () => (shown.tell(s.added), list())}
        remove={entry ? { title: fill(s.removeAsk, { name: entry.name }), text: s.ruleRemoveText, yes: s.remove, run: async () => {
          await shown.office.remove(`welcomes/${entry.rule}`);
          draft.revert();
          shown.tell(s.removed);
          list();
        } } : undefined}>
        <Part title={s.general}>
          <TextField label={s.name} hint={s.ruleNameHint} field={draft.at("name")} testid="name" input={{ maxLength: 200, autoFocus: entry === null }} />
          <TextsField label={s.welcomeText} hint={s.textsHint} field={draft.at("text")} testid="text" long most={1_000} />
          <Cards label={s.howShown} testid="open" chosen={value.open ? "window" : "bubble"} choose={(how) => draft.at("open").set(how === "window")}
            cards={[{ value: "bubble", ...s.shownAs.bubble }, { value: "window", ...s.shownAs.window }]} />
          <Switch label={s.enabled} on={value.enabled} turn={draft.at("enabled").set} testid="enabled" />
        </Part>
        <Part title={s.forWhom} lead={s.allFit}><When draft={draft} all={all} /></Part>
      </Entry>
    </>
  );
}

function When({ draft, all }: { draft: Draft<Welcome>; all: PageProps["all"] }) {
  const s = set();
  const when = draft.at("when");
  const at = <K extends keyof WelcomeWhen>(key: K) => draft.below(when, key) as Bound<WelcomeWhen[K]>;
  const after = translated(at("after_s"), (value) => value ?? 0, (value) => value);
  const returning = translated(at("returning"), (value) => (value == null ? "" : String(value)), (text) => (text === "" ? null : text === "true"));
  return (
    <>
      <Checks label={s.names["sites"]!} hint={s.welcomeSitesHint} testid="site" options={all.sites.map((one) => [one.site, one.name])} chosen={draft.value.value.sites} choose={draft.at("sites").set} none={s.none.sites.title} />
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
