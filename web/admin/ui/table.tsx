/** The numbers behind a chart: to sort, to copy, to take along. */
import { useState } from "preact/hooks";
import { fill } from "../../i18n/pick";
import { Icon } from "../../staff/bits";
import { prefs } from "../../staff/prefs";
import type { Console } from "../state/console";
import { stepText } from "../state/format";
import type { View } from "../state/place";
import { words } from "../state/prefs";
import { labels, sorted, type Report, type Row } from "../state/report";
import type { Shown } from "../state/reports";
import { sheetText, type SheetColumn } from "../state/sheet";
import { problemText } from "./bits";
import { groupText, metricText, shown as valueOf } from "./naming";

interface Props {
  shown: Console;
  what: Shown;
  view: View;
}

/** More rows at once make a page slow; who wants them asks. */
const ROWS = 100;

interface Column extends SheetColumn<Row> {
  key: string;
}

export function Table({ shown, what: { report }, view }: Props) {
  const w = words();
  const [all, setAll] = useState(false);
  const columns = columnsOf(report);
  const rows = sorted(report, view.sort);
  const visible = all ? rows : rows.slice(0, ROWS);
  return (
    <section class="panel">
      <header class="panel-head">
        <h2>{w.table}</h2>
        <Taking shown={shown} report={report} columns={columns} rows={rows} view={view} />
      </header>
      <div class="table-frame" tabIndex={0} role="region" aria-label={fill(w.tableOf, { report: w.names[report.report] ?? report.report })}>
        <table data-testid="table">
          <thead><tr>{columns.map((column) => <Head key={column.key} column={column} sort={view.sort} set={(sort) => shown.look({ sort }, true)} />)}</tr></thead>
          <tbody>
            {visible.map((row, i) => (
              <tr key={i}>{columns.map((column, at) => <Cell key={column.key} first={at === 0} number={column.number} text={column.text(row)} />)}</tr>
            ))}
          </tbody>
          {rows.length > 1 && (
            <tfoot><tr>{columns.map((column, at) => <Cell key={column.key} first={at === 0} number={column.number} text={at === 0 ? w.total : column.number ? totalText(report, column.key) : ""} />)}</tr></tfoot>
          )}
        </table>
      </div>
      {visible.length < rows.length && <button type="button" class="more" data-testid="all-rows" onClick={() => setAll(true)}>{fill(w.allRows, { n: rows.length })}</button>}
    </section>
  );
}

function columnsOf(report: Report): Column[] {
  const w = words();
  const { language } = prefs.value;
  const names = labels(report);
  const start: Column = { key: "start", title: w.starts[report.every]!, text: (row) => stepText(row.start ?? report.from, report.every, language, true), number: false };
  const group: Column = { key: "group", title: w.dimensions[report.by ?? ""] ?? w.by, text: (row) => groupText(names.get(row.group ?? null) ?? null), number: false };
  const metrics = report.metrics.map((metric): Column => ({
    key: metric.name, title: metricText(metric), text: (row) => valueOf(row.values[metric.name], metric.unit), number: true,
  }));
  const time = report.every === "all" ? [] : [start];
  const first = [...time, ...(report.by ? [group] : [])];
  return [...(first.length > 0 ? first : [{ ...start, text: () => w.total }]), ...metrics];
}

function Cell({ first, number, text }: { first: boolean; number: boolean; text: string }) {
  return first ? <th scope="row">{text}</th> : <td class={number ? "is-number" : ""}>{text}</td>;
}

function totalText(report: Report, metric: string): string {
  return valueOf(report.total[metric], report.metrics.find((one) => one.name === metric)!.unit);
}

function Head({ column, sort, set }: { column: Column; sort: string | null; set: (sort: string | null) => void }) {
  const down = sort === `-${column.key}`;
  const up = sort === column.key;
  const next = column.number ? (down ? column.key : up ? null : `-${column.key}`) : up ? `-${column.key}` : down ? null : column.key;
  return (
    <th scope="col" class={column.number ? "is-number" : ""} aria-sort={down ? "descending" : up ? "ascending" : "none"}>
      <button type="button" title={fill(words().sortBy, { column: column.title })} data-testid={`sort-${column.key}`} onClick={() => set(next)}>
        {column.title}<i aria-hidden="true">{down ? "▼" : up ? "▲" : ""}</i>
      </button>
    </th>
  );
}

function Taking({ shown, report, columns, rows, view }: { shown: Console; report: Report; columns: Column[]; rows: Row[]; view: View }) {
  const w = words();
  const [said, setSaid] = useState("");
  const copy = async () => {
    await navigator.clipboard.writeText(sheetText(columns, rows));
    setSaid(w.copied);
  };
  const take = async () => {
    setSaid("");
    save(await shown.api.csv(report.report, shown.reports.query(report.report, view)), `${report.report}-${report.from}.csv`);
  };
  const attempt = (work: () => Promise<void>) => void work().catch((error: unknown) => setSaid(problemText(error)));
  return (
    <div class="taking">
      <span role="status" class="quiet" data-testid="taken">{said}</span>
      <button type="button" class="plain" data-testid="copy" onClick={() => attempt(copy)}><Icon name="copy" />{w.copy}</button>
      <button type="button" class="plain" title={w.csvLong} data-testid="csv" onClick={() => attempt(take)}><Icon name="download" />{w.csv}</button>
    </div>
  );
}

function save(file: Blob, name: string): void {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 0);
}
