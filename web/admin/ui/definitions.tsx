/** How each number of a report is counted, for whoever wants to trust it. */
import { words } from "../state/prefs";
import type { Report } from "../state/report";
import { metricText } from "./naming";

export function Definitions({ report }: { report: Report }) {
  const w = words();
  const known = report.metrics.map((metric) => [metricText(metric), w.abouts[metric.name]] as const).filter(([, about]) => about);
  const own = w.abouts[report.report];
  return (
    <details class="definitions" data-testid="definitions">
      <summary>{w.definitions}</summary>
      <dl>
        {own && <div><dt>{w.names[report.report]}</dt><dd>{own}</dd></div>}
        {known.map(([name, about]) => <div key={name}><dt>{name}</dt><dd>{about}</dd></div>)}
      </dl>
    </details>
  );
}
