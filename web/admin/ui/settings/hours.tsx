/** When somebody is there to answer: by the week, and on days that are special. */
import { useMemo } from "preact/hooks";
import { fill } from "../../../i18n/pick";
import { prefs } from "../../../staff/prefs";
import { number, weekdayText } from "../../state/format";
import { hours as check } from "../../state/settings/checks";
import type { Draft } from "../../state/settings/draft";
import { always as aroundTheClock, another, clockOf, isAlways, isOvernight, nextYear, shiftOf, weekHours } from "../../state/settings/hours";
import { DAY, plain, usualHours, type Holiday, type Hours, type Shift } from "../../state/settings/values";
import { Entry, Head, Part, useDraft } from "../kit/entry";
import { Cards, SelectField } from "../kit/fields";
import { Sign, SignButton } from "../kit/sign";
import { checkText, set } from "../kit/words";
import type { PageProps } from "./page";

type Value = Hours & { always: boolean };

export function HoursPage({ shown, all }: PageProps) {
  const s = set();
  const base: Value = all.hours && !isAlways(all.hours) ? { ...plain<Hours>(all.hours), holidays: all.hours.holidays ?? [], always: false } : { ...usualHours(), ...(all.hours ? { zone: all.hours.zone } : {}), always: true };
  const draft = useDraft<Value>(shown, "hours", base, {
    check: ({ always, ...hours }) => (always ? {} : check(hours)),
    tidy: (value) => (value.always ? { ...value, week: [], holidays: [] } : { ...value, holidays: [...value.holidays].sort((a, b) => (a.day < b.day ? -1 : 1)) }),
    save: ({ always, ...hours }, seen) => shown.office.put("hours", always ? aroundTheClock(hours.zone) : hours, seen),
  }, all.hours?.version ?? 0);
  const { always } = draft.value.value;
  return (
    <>
      <Head title={s.names["hours"]!} lead={s.leads["hours"]}>
        <span class={`chip ${all.open ? "is-open" : "is-waiting"}`} data-testid="open-now">{all.open ? s.openNow : s.closedNow}</span>
      </Head>
      <Entry draft={draft} changed={all.hours}>
        <Part title={s.whenOpen}>
          <Cards label={s.whenOpen} plain testid="hours" chosen={always ? "always" : "week"} choose={(value) => draft.at("always").set(value === "always")}
            cards={[{ value: "always", ...s.hourKinds.always }, { value: "week", ...s.hourKinds.week }]} />
          {!always && <Zone draft={draft} />}
        </Part>
        {!always && <Week draft={draft} />}
        {!always && <Holidays draft={draft} />}
      </Entry>
    </>
  );
}

function Zone({ draft }: { draft: Draft<Value> }) {
  const s = set();
  const zone = draft.at("zone");
  const zones = useMemo(() => ["UTC", ...Intl.supportedValuesOf("timeZone").filter((one) => one !== "UTC")].map((one): [string, string] => [one, one.replaceAll("_", " ")]), []);
  const now = useMemo(() => new Intl.DateTimeFormat(prefs.value.language, { timeZone: zone.value, weekday: "long", hour: "numeric", minute: "2-digit" }).format(new Date()), [zone.value, prefs.value.language]);
  return <SelectField label={s.zone} hint={fill(s.zoneHint, { now })} field={zone} options={zones} testid="zone" />;
}

function Week({ draft }: { draft: Draft<Value> }) {
  const s = set();
  const { language } = prefs.value;
  const { value: week, set: change } = draft.at("week");
  const problems = draft.problems.value;
  const name = (day: number) => weekdayText(day + 1, language);
  const total = number(weekHours(draft.value.value), language, { maximumFractionDigits: 1 });
  return (
    <Part title={s.week} lead={fill(s.weekHours, { n: total })}>
      <ul class="week">
        {week.map((shifts, day) => {
          const problem = problems[`week.${day}`];
          return (
            <li key={day} data-testid="day" data-day={day} data-invalid={problem ? "true" : undefined}>
              <strong>{name(day)}</strong>
              <Shifts shifts={shifts} name={name(day)} change={(fresh) => change(week.map((one, i) => (i === day ? fresh : one)))} />
              {problem && <p class="problem" role="alert" data-testid="problem">{checkText(problem)}</p>}
            </li>
          );
        })}
      </ul>
      <p class="buttons"><button type="button" class="plain is-framed" data-testid="copy-days" onClick={() => change(week.map((one, i) => (i < 5 ? week[0]! : one)))}>{s.copyToWeekdays}</button></p>
    </Part>
  );
}

interface ShiftsProps {
  shifts: Shift[];
  name: string;
  change: (shifts: Shift[]) => void;
}

function Shifts({ shifts, name, change }: ShiftsProps) {
  const s = set();
  const put = (at: number, begin: string, end: string) => begin && end && change(shifts.map((one, i) => (i === at ? shiftOf(begin, end) : one)));
  return (
    <div class="shifts">
      {shifts.length === 0 && <span class="quiet">{s.closed}</span>}
      {shifts.map((shift, at) => (
        <span key={at} class="shift" data-testid="shift">
          <input type="time" aria-label={fill(s.opensAt, { name })} value={clockOf(shift[0])} data-testid="opens" onChange={(event) => put(at, event.currentTarget.value, clockOf(shift[1]))} />
          <span aria-hidden="true">–</span>
          <input type="time" aria-label={fill(s.closesAt, { name })} value={clockOf(shift[1])} data-testid="closes" onChange={(event) => put(at, clockOf(shift[0]), event.currentTarget.value)} />
          {isOvernight(shift) && <span class="chip">{s.nextDay}</span>}
          {shift[1] - shift[0] === DAY && <span class="chip">{s.aroundTheClock}</span>}
          <SignButton sign="bin" label={fill(s.removeShift, { name })} onClick={() => change(shifts.filter((_, i) => i !== at))} testid="remove-shift" />
        </span>
      ))}
      <button type="button" class="plain" aria-label={`${name}: ${shifts.length === 0 ? s.openThen : s.addShift}`} data-testid="add-shift" onClick={() => change([...shifts, another(shifts)])}><Sign name="plus" />{shifts.length === 0 ? s.openThen : s.addShift}</button>
    </div>
  );
}

function Holidays({ draft }: { draft: Draft<Value> }) {
  const s = set();
  const { value: holidays, set: change } = draft.at("holidays");
  const problems = draft.problems.value;
  const year = new Date().getFullYear();
  const put = (at: number, fresh: Holiday) => change(holidays.map((one, i) => (i === at ? fresh : one)));
  const copied = nextYear(holidays, year);
  return (
    <Part title={s.holidays} lead={s.holidaysLead}>
      {holidays.length === 0 && <p class="quiet">{s.noHolidays}</p>}
      <ul class="week is-holidays">
        {holidays.map((holiday, at) => {
          const problem = problems[`holidays.${at}`];
          const name = holiday.day || s.newDay;
          return (
            <li key={at} data-testid="holiday" data-invalid={problem && holiday.day ? "true" : undefined}>
              <input type="date" value={holiday.day} aria-label={s.day} data-testid="holiday-day" onChange={(event) => put(at, { ...holiday, day: event.currentTarget.value })} />
              <Shifts shifts={holiday.shifts ?? []} name={name} change={(shifts) => put(at, { ...holiday, shifts })} />
              <SignButton sign="bin" label={fill(s.removeOne, { name })} onClick={() => change(holidays.filter((_, i) => i !== at))} testid="remove-holiday" />
              {problem && <p class="problem" role="alert" data-testid="problem">{checkText(problem)}</p>}
            </li>
          );
        })}
      </ul>
      <p class="buttons">
        <button type="button" class="plain is-framed" data-testid="add-holiday" onClick={() => change([...holidays, { day: "", shifts: [] }])}><Sign name="plus" />{s.addHoliday}</button>
        {copied.length > holidays.length && <button type="button" class="plain" data-testid="copy-year" onClick={() => change(copied)}>{fill(s.copyYear, { n: copied.length - holidays.length, year: year + 1 })}</button>}
      </p>
    </Part>
  );
}
