/** One report: what is looked at, its figures, the drawing, the numbers behind it, and how they are counted. */
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { Empty } from "../../staff/bits";
import { fill } from "../../i18n/pick";
import { prefs } from "../../staff/prefs";
import { Chart } from "../chart/chart";
import { drawingOf, type Naming } from "../chart/series";
import type { Console } from "../state/console";
import { dayText, momentText, stepText } from "../state/format";
import type { Dimension, View } from "../state/place";
import { HEATMAP, isEmpty, metricIn, type Metric, type Report } from "../state/report";
import type { Shown } from "../state/reports";
import { before, plus, type Span } from "../state/spans";
import { words } from "../state/prefs";
import { Failed } from "./bits";
import { Controls, HeadTools, offered } from "./controls";
import { Definitions } from "./definitions";
import { Heat } from "./heat";
import { groupText, metricText, shown as valueOf } from "./naming";
import { Table } from "./table";
import { Tiles } from "./tiles";

interface Props {
  shown: Console;
  name: string;
  view: View;
}

export function ReportPage({ shown, name, view }: Props) {
  const w = words();
  const again = () => void shown.reports.show(name, view, true);
  const catalogue = shown.reports.catalogue.now.value;
  const about = shown.reports.about(name);
  const loaded = shown.reports.shown.now.value;
  if (catalogue.state === "failed") return <Failed error={catalogue.error} again={again} />;
  if (catalogue.value && !about) return <Empty title={w.unknownReport} />;
  return (
    <article class="report" aria-busy={loaded.state === "loading"} data-testid="report" data-report={name} data-state={loaded.state}>
      <header class="report-head">
        <div><h1 tabIndex={-1}>{w.names[name] ?? name}</h1><p>{w.leads[name]}</p></div>
        <HeadTools shown={shown} view={view} />
      </header>
      {about && <Controls shown={shown} about={about} view={view} />}
      {loaded.state === "failed" ? <Failed error={loaded.error} again={again} /> : loaded.value ? (
        <Body shown={shown} what={loaded.value} view={view} stale={loaded.state === "loading"} />
      ) : <Skeleton />}
    </article>
  );
}

/** Stands where figures and chart will, so that nothing jumps. */
function Skeleton() {
  return (
    <div class="skeleton" role="status" aria-label={words().chart} data-testid="skeleton">
      <div class="tiles">{[1, 2, 3, 4].map((one) => <i key={one} class="tile" />)}</div>
      <i class="panel" />
    </div>
  );
}

interface BodyProps {
  shown: Console;
  what: Shown;
  view: View;
  stale: boolean;
}

function Body({ shown, what, view, stale }: BodyProps) {
  const { report, before: earlier } = what;
  const w = words();
  const metric = metricIn(view, report);
  const empty = isEmpty(report) || !metric;
  return (
    <div class={`report-body ${stale ? "is-stale" : ""}`}>
      <Lines shown={shown} what={what} />
      {empty ? <Empty title={w.noData} text={w.noDataText} testid="report-empty" /> : (
        <>
          <Tiles shown={shown} report={report} before={earlier} metric={metric} />
          {report.report === HEATMAP ? <Panel title={metricText(metric)}><Heat report={report} metric={metric} /></Panel> : (
            <>
              <Drawn report={report} before={earlier} metric={metric} />
              <Table shown={shown} what={what} view={view} />
            </>
          )}
        </>
      )}
      <Definitions report={report} />
    </div>
  );
}

export function Panel({ title, children }: { title: string; children: ComponentChildren }) {
  return <section class="panel"><h2>{title}</h2>{children}</section>;
}

/** What stretch this is, what it is narrowed to and how fresh, on the screen as on paper. */
function Lines({ shown, what }: Pick<BodyProps, "shown" | "what">) {
  const { report, before: earlier, loaded } = what;
  const w = words();
  const { language } = prefs.value;
  const at = report.at ? momentText(report.at.time ?? loaded, language, report.zone) : momentText(loaded, language, report.zone);
  return (
    <p class="as-of" role="status" data-testid="as-of">
      <strong>{[what.whole ? w.presets["all"] : stretchText(report), ...narrowedText(shown, what)].join(", ")}</strong>
      {earlier && <span>{fill(w.before, daysOf(before(report)))}</span>}
      <span>{fill(report.at ? w.asOfPast : w.asOf, { at, position: report.at?.position ?? report.as_of, zone: report.zone })}</span>
    </p>
  );
}

function daysOf(span: Span): { from: string; until: string } {
  const { language } = prefs.value;
  return { from: dayText(span.from, language), until: dayText(plus(span.to, -1), language) };
}

function stretchText(report: Report): string {
  const days = daysOf(report);
  return days.from === days.until ? days.from : fill(words().stretch, days);
}

/** What of everything it counts: the controls may be folded away, and are not on paper. */
function narrowedText(shown: Console, { report, filters }: Shown): string[] {
  const w = words();
  const named = (Object.entries(filters) as [Dimension, string][]).map(([dimension, key]) => {
    const name = offered(shown, dimension).find(([one]) => one === key)?.[1] ?? key;
    return fill(w.narrowed, { dimension: w.dimensions[dimension]!, name });
  });
  return report.hours === "business" ? [...named, w.onlyBusiness] : named;
}

function Drawn({ report, before: earlier, metric }: { report: Report; before: Report | null; metric: Metric }) {
  const w = words();
  const { language } = prefs.value;
  const [drawing, text] = useMemo(() => {
    const naming: Naming = {
      metric: metricText, group: groupText, step: (start) => stepText(start, report.every, language), now: w.thisPeriod, before: w.earlier2,
    };
    return [drawingOf(report, earlier, metric, naming), (value: number) => valueOf(value, metric.unit)] as const;
  }, [report, earlier, metric, language]);
  if (!drawing) return null;
  return (
    <Panel title={drawing.series.some(({ name }) => name === metricText(metric)) && drawing.series.length > 1 ? w.names[report.report]! : metricText(metric)}>
      <Chart drawing={drawing} text={text} label={fill(w.chartOf, { metric: metricText(metric), stretch: stretchText(report) })} />
      {drawing.left > 0 && <p class="quiet">{fill(w.others, { n: drawing.left })}</p>}
    </Panel>
  );
}
