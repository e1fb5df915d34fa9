/** Rules that are asked in their order, welcomes and receptions alike: their list, and the page of one. */
import type { ComponentChildren } from "preact";
import { fill } from "../../../i18n/pick";
import { NEW, settingsAt } from "../../state/place";
import type { Problems } from "../../state/settings/checks";
import type { Draft } from "../../state/settings/draft";
import { keyOf } from "../../state/settings/lists";
import { plain, type AllSettings, type Changed } from "../../state/settings/values";
import { AddLink, Entry, Head, useDraft } from "../kit/entry";
import { set } from "../kit/words";
import { Gone, chosen, type PageProps } from "./page";
import { Rules } from "./rows";

interface Rule {
  name: string;
  enabled: boolean;
  order: number;
}

export type Entered<R> = R & Changed & { rule: string };

/** What one kind of rules has for itself. */
export interface RuleKind<R extends Rule> {
  section: "welcomes" | "receptions";
  of: (all: AllSettings) => Entered<R>[];
  blank: (order: number) => R;
  check: (value: R) => Problems;
  tidy: (value: R) => R;
  /** The rule as a sentence. */
  text: (rule: R, all: AllSettings) => string;
  fresh: () => string;
  fields: (draft: Draft<R>, all: AllSettings, fresh: boolean) => ComponentChildren;
}

type KindProps<R extends Rule> = PageProps & { kind: RuleKind<R> };

export function RulePages<R extends Rule>(props: KindProps<R>) {
  const { shown, all, place, kind } = props;
  const s = set();
  const { section } = kind;
  const entry = place.key === null ? null : chosen(kind.of(all), place, (one) => one.rule);
  if (entry === "gone") return <Gone section={section} />;
  if (entry !== null) return <One key={place.key} {...props} entry={entry === "fresh" ? null : entry} />;
  return (
    <>
      <Head title={s.names[section]!} lead={s.leads[section]}><AddLink href={settingsAt(section, NEW)} text={s.add} /></Head>
      <Rules shown={shown} rules={kind.of(all)} none={s.none[section]} href={(rule) => settingsAt(section, rule.rule)} text={(rule) => kind.text(rule, all)}
        put={(rule) => shown.office.put(`${section}/${rule.rule}`, plain<R>(rule, "rule"), rule.version)} />
    </>
  );
}

function One<R extends Rule>({ shown, all, kind, entry }: KindProps<R> & { entry: Entered<R> | null }) {
  const s = set();
  const { section } = kind;
  const last = Math.max(0, ...kind.of(all).map((one) => one.order));
  const base = entry ? plain<R>(entry, "rule") : kind.blank(last + 10);
  const draft = useDraft<R>(shown, entry?.rule ?? NEW, base, {
    check: kind.check, tidy: kind.tidy,
    save: (value, seen) => shown.office.put(`${section}/${entry?.rule ?? keyOf(value.name, "rule", new Set(kind.of(all).map((one) => one.rule)))}`, value, seen),
  }, entry ? entry.version : "none");
  const list = () => shown.go({ page: "settings", section, key: null, part: null });
  return (
    <>
      <Head title={entry ? entry.name : kind.fresh()} lead={<span data-testid="sentence">{kind.text(draft.value.value, all)}</span>} back={settingsAt(section)} />
      <Entry draft={draft} changed={entry} verb={entry ? undefined : s.add} saved={entry ? undefined : () => (shown.tell(s.added), list())}
        remove={entry ? { title: fill(s.removeAsk, { name: entry.name }), text: s.ruleRemoveText, yes: s.remove, run: async () => {
          await shown.office.remove(`${section}/${entry.rule}`, entry.version);
          draft.revert();
          shown.tell(s.removed);
          list();
        } } : undefined}>
        {kind.fields(draft, all, entry === null)}
      </Entry>
    </>
  );
}
