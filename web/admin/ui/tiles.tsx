/** A report's figures, each with its course in small; choosing one draws it. */
import { fill } from "../../i18n/pick";
import { prefs } from "../../staff/prefs";
import type { Console } from "../state/console";
import { changeText } from "../state/format";
import { words } from "../state/prefs";
import { HEATMAP, change, type Metric, type Report } from "../state/report";
import { metricText, shownShort } from "./naming";
import { HEIGHT, WIDTH, sparkPath } from "./spark";

interface Props {
  shown: Console;
  report: Report;
  before: Report | null;
  metric: Metric;
}

export function Tiles({ shown, report, before, metric }: Props) {
  return (
    <div class="tiles" role="group" aria-label={words().table} data-testid="tiles">
      {report.metrics.map((one) => (
        <button key={one.name} type="button" class="tile" aria-pressed={one.name === metric.name} data-testid="tile" data-metric={one.name}
          onClick={() => shown.look({ metric: one.name }, true)}>
          <span class="tile-name">{metricText(one)}</span>
          <span class="tile-value">{shownShort(report.total[one.name], one.unit)}</span>
          <Change metric={one} now={report.total[one.name]} then={before?.total[one.name]} />
          <Spark report={report} metric={one} />
        </button>
      ))}
    </div>
  );
}

function Change({ metric, now, then }: { metric: Metric; now: number | null | undefined; then: number | null | undefined }) {
  const by = change(now, then);
  if (by === null) return null;
  const text = changeText(by, prefs.value.language);
  const way = Math.round(by * 100);
  return (
    <span class="tile-change" aria-label={fill(words().changed, { change: text })} title={shownShort(then, metric.unit)}>
      <i aria-hidden="true">{way > 0 ? "▲" : way < 0 ? "▼" : "■"}</i> {text}
    </span>
  );
}

/** The shape only; the chart and the table have the numbers. */
function Spark({ report, metric }: { report: Report; metric: Metric }) {
  const values = report.every === "all" || report.by || report.report === HEATMAP ? [] : report.rows.map((row) => row.values[metric.name] ?? null);
  if (values.length < 3) return null;
  return <svg class="spark" viewBox={`0 -2 ${WIDTH} ${HEIGHT + 4}`} preserveAspectRatio="none" aria-hidden="true"><path d={sparkPath(values)} /></svg>;
}
