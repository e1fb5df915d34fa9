/** Who gets which conversation, and when Parley reminds. */
import { translated, type Bound, type Draft } from "../../state/settings/draft";
import { routing as check } from "../../state/settings/checks";
import { STRATEGIES, USUAL_ROUTING, plain, type Routing } from "../../state/settings/values";
import { Entry, Head, Part, useDraft } from "../kit/entry";
import { Cards, Group, NumberField, Switch } from "../kit/fields";
import { set } from "../kit/words";
import type { PageProps } from "./page";

const TIMES = ["release_after_s", "remind_after_s", "missed_after_s", "away_after_s"] as const;
type Time = (typeof TIMES)[number];

export function RoutingPage({ shown, all }: PageProps) {
  const s = set();
  const base: Routing = { ...USUAL_ROUTING, ...(all.routing ? plain<Routing>(all.routing) : {}) };
  const draft = useDraft<Routing>(shown, "routing", base, { check, save: (value, seen) => shown.office.put("routing", value, seen) }, all.routing?.version);
  return (
    <>
      <Head title={s.names["routing"]!} lead={s.leads["routing"]} />
      <Entry draft={draft} changed={all.routing}>
        <Part title={s.whoGets}>
          <Cards label={s.strategy} testid="strategy" chosen={draft.value.value.strategy} choose={draft.at("strategy").set}
            cards={STRATEGIES.map((value) => ({ value, ...s.strategies[value]! }))} />
          <NumberField label={s.capacity} hint={s.capacityHint} field={draft.at("capacity")} least={1} most={100} unit={s.atOnce} testid="capacity" />
        </Part>
        <Part title={s.times} lead={s.timesLead}>
          {TIMES.map((time) => <TimeField key={time} draft={draft} time={time} />)}
        </Part>
      </Entry>
    </>
  );
}

/** A length of time, or never. */
function TimeField({ draft, time }: { draft: Draft<Routing>; time: Time }) {
  const s = set();
  const { title, text } = s.routingTimes[time]!;
  const field = draft.at(time);
  return (
    <Group label={title} hint={text} testid={`group-${time}`}>
      <div class="time-row">
        <Switch label={field.value === 0 ? s.never : s.after} on={field.value !== 0} turn={(on) => field.set(on ? USUAL_ROUTING[time] : 0)} testid={`${time}-on`} />
        {field.value !== 0 && <Length field={field} label={title} testid={time} />}
      </div>
    </Group>
  );
}

/** In minutes, as people think of it; seconds where it is no whole number of them. */
function Length({ field, label, testid }: { field: Bound<number>; label: string; testid: string }) {
  const s = set();
  const minutes = field.value % 60 === 0;
  const shown = translated(field, (value) => (minutes ? value / 60 : value), (value) => (minutes ? Math.round(value * 60) : value));
  return <div class="is-unlabelled"><NumberField label={label} field={shown} least={1} unit={minutes ? s.minutes : s.seconds} testid={testid} /></div>;
}
