/** What agents can say of themselves beside what everybody can. */
import { fill } from "../../../i18n/pick";
import { NEW, settingsAt } from "../../state/place";
import { status as check } from "../../state/settings/checks";
import { keyOf } from "../../state/settings/lists";
import { plain, textIn, type Changed, type Status } from "../../state/settings/values";
import { AddLink, Entry, Head, Part, useDraft } from "../kit/entry";
import { Switch } from "../kit/fields";
import { TextsField } from "../kit/lists";
import { own, set } from "../kit/words";
import { named } from "./departments";
import { Gone, chosen, type PageProps } from "./page";
import { Row, Rows } from "./rows";
import { said } from "./said";

type Value = Status & { status: string };

export function StatusPages({ shown, all, place }: PageProps) {
  const s = set();
  const entry = place.key === null ? null : chosen(all.statuses, place, (one) => one.status);
  if (entry === "gone") return <Gone section="statuses" />;
  if (entry !== null) return <One key={place.key} shown={shown} all={all} place={place} entry={entry === "fresh" ? null : entry} />;
  return (
    <>
      <Head title={s.names["statuses"]!} lead={s.leads["statuses"]}><AddLink href={settingsAt("statuses", NEW)} text={s.add} /></Head>
      <Rows none={s.none.statuses}>
        {all.statuses.map((one) => (
          <Row key={one.status} id={one.status} href={settingsAt("statuses", one.status)} title={own(one.name) || one.status}
            mark={<i class={`dot ${one.available ? "dot-online" : "dot-away"}`} />} text={one.available ? s.getsConversations : s.getsNone} />
        ))}
      </Rows>
      <p class="quiet below">{s.builtIn}</p>
    </>
  );
}

function One({ shown, all, entry }: PageProps & { entry: (Value & Changed) | null }) {
  const s = set();
  const taken = new Set(entry ? [] : all.statuses.map((one) => one.status));
  const base: Value = entry ? plain<Value>(entry) : { status: "", name: {}, available: false };
  const keyed = (value: Value): Value => (value.status ? value : { ...value, status: keyOf(textIn(value.name, "en"), "status", taken) });
  const draft = useDraft<Value>(shown, entry?.status ?? NEW, base, {
    check: (value) => named(check(keyed(value), taken), "status", value.status),
    tidy: (value) => ({ ...value, name: said(value.name) }),
    save: (value, seen) => {
      const { status, ...rest } = keyed(value);
      return shown.office.put(`statuses/${status}`, rest, seen);
    },
  }, entry ? entry.version : "none");
  const list = () => shown.go({ page: "settings", section: "statuses", key: null, part: null });
  return (
    <>
      <Head title={entry ? own(entry.name) || entry.status : s.newStatus} back={settingsAt("statuses")} />
      <Entry draft={draft} changed={entry} verb={entry ? undefined : s.add} saved={entry ? undefined : () => (shown.tell(s.added), list())}
        remove={entry ? { title: fill(s.removeAsk, { name: own(entry.name) }), text: s.statusRemoveText, yes: s.remove, run: async () => {
          await shown.office.remove(`statuses/${entry.status}`, entry.version);
          draft.revert();
          shown.tell(s.removed);
          list();
        } } : undefined}>
        <Part title={s.general}>
          <TextsField label={s.name} hint={s.statusNameHint} field={draft.at("name")} testid="name" most={64} />
          <Switch label={s.available} hint={s.availableHint} on={draft.value.value.available} turn={(on) => draft.at("available").set(on)} testid="available" />
        </Part>
      </Entry>
    </>
  );
}
