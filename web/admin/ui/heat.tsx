/** Hours by weekdays as a table whose cells are shaded: the chart and its numbers in one. */
import { fill } from "../../i18n/pick";
import { prefs } from "../../staff/prefs";
import { stepText, weekdayText } from "../state/format";
import { words } from "../state/prefs";
import type { Metric, Report } from "../state/report";
import { metricText, shown, shownShort } from "./naming";
import { SHADES, shadeOf } from "./shade";

const DAYS = [1, 2, 3, 4, 5, 6, 7];
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
export function Heat({ report, metric }: { report: Report; metric: Metric }) {
  const w = words();
  const { language } = prefs.value;
  const values = new Map(report.rows.map((row) => [`${row.weekday}-${row.hour}`, row.values[metric.name] ?? null]));
  const most = Math.max(0, ...[...values.values()].map((value) => value ?? 0));
  const days = DAYS.map((day) => weekdayText(day, language));
  return (
    <>
      <div class="table-frame" tabIndex={0} role="region" aria-label={fill(w.tableOf, { report: metricText(metric) })}>
        <table class="heat" data-testid="heat">
          <thead><tr><th scope="col">{w.hourOfDay}</th>{days.map((day) => <th key={day} scope="col">{day}</th>)}</tr></thead>
          <tbody>
            {HOURS.map((hour) => (
              <tr key={hour}>
                <th scope="row">{stepText(`2024-01-01T${String(hour).padStart(2, "0")}:00`, "hour", language)}</th>
                {DAYS.map((day) => {
                  const value = values.get(`${day}-${hour}`) ?? 0;
                  return <td key={day} class={`shade-${shadeOf(value, most)}`} title={shown(value, metric.unit)} data-testid="heat-cell">{shownShort(value, metric.unit)}</td>;
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="heat-key" aria-hidden="true">{w.less}{Array.from({ length: SHADES + 1 }, (_, shade) => <i key={shade} class={`shade-${shade}`} />)}{w.moreOf}</p>
    </>
  );
}
