/** What is looked at: the dates, the step, the grouping, the filters, and what it is compared with. */
import { Icon } from "../../staff/bits";
import type { Console } from "../state/console";
import { DIMENSIONS, type Dimension, type View } from "../state/place";
import { words } from "../state/prefs";
import { HEATMAP, everyIn, type About } from "../state/report";
import { PRESETS, plus, stepsFor, type Every, type Preset, type Span } from "../state/spans";
import { Choice, InputField, Toggle } from "./bits";
import { groupText } from "./naming";

interface Props {
  shown: Console;
  about: About;
  view: View;
}

export function Controls({ shown, about, view }: Props) {
  const w = words();
  const span = shown.reports.span(view);
  return (
    <section class="controls" aria-label={w.range} data-testid="controls">
      <div class="control-row">
        <Range shown={shown} view={view} span={span} />
        {about.name !== HEATMAP && <Step shown={shown} about={about} view={view} span={span} />}
        {about.by.length > 0 && about.name !== HEATMAP && (
          <Choice label={w.by} value={view.by ?? ""} testid="by" choose={(by) => shown.look({ by: by || null, every: null, sort: null })}
            options={[["", w.noGroup], ...about.by.map((one): [string, string] => [one, w.dimensions[one] ?? one])]} />
        )}
        {view.range !== "all" && <Toggle on={view.compare} set={(compare) => shown.look({ compare })} testid="compare">{w.compare}</Toggle>}
      </div>
      {shown.narrowing.value && (
        <div class="control-row is-narrowing" id="narrowing">
          <Filters shown={shown} about={about} view={view} />
          <Toggle on={view.business} set={(business) => shown.look({ business })} testid="business">{w.business}</Toggle>
          <Then shown={shown} view={view} />
        </div>
      )}
    </section>
  );
}

/** Beside the title: what is needed now and then only. */
export function HeadTools({ shown, view }: { shown: Console; view: View }) {
  const w = words();
  const set = Object.keys(view.filters).length + Number(view.business) + Number(view.at !== null);
  const open = shown.narrowing.value;
  return (
    <div class="head-tools">
      <button type="button" class={`plain ${set > 0 ? "is-set" : ""}`} aria-expanded={open} aria-controls="narrowing" data-testid="filters" onClick={() => (shown.narrowing.value = !open)}>
        <Icon name="filter" />{w.filter}{set > 0 && <b class="count">{set}</b>}
      </button>
      <button type="button" class="plain" data-testid="print" onClick={() => print()}><Icon name="print" />{w.print}</button>
    </div>
  );
}

function Range({ shown, view, span }: { shown: Console; view: View; span: Span }) {
  const w = words();
  const own = typeof view.range !== "string";
  const choose = (value: string) => shown.look({ range: value === "own" ? span : (value as Preset), every: null });
  const set = (from: string, until: string) => from && until && from <= until && shown.look({ range: { from, to: plus(until, 1) }, every: null });
  const last = plus(span.to, -1);
  return (
    <>
      <Choice label={w.range} value={own ? "own" : (view.range as string)} testid="range" choose={choose}
        options={[...PRESETS, "own"].map((one) => [one, w.presets[one]!])} />
      {own && (
        <>
          <InputField label={w.from} type="date" value={span.from} bounds={{ max: last }} testid="from" change={(from) => set(from, last)} />
          <InputField label={w.until} type="date" value={last} bounds={{ min: span.from }} testid="until" change={(until) => set(span.from, until)} />
        </>
      )}
    </>
  );
}

function Step({ shown, about, view, span }: Props & { span: Span }) {
  const w = words();
  const now = everyIn(view, span, about);
  const steps = stepsFor(span).filter((every) => about.every.includes(every));
  return (
    <div class="segments" role="group" aria-label={w.every}>
      {steps.map((every: Every) => (
        <button key={every} type="button" aria-pressed={every === now} data-testid={`every-${every}`} onClick={() => shown.look({ every, sort: null })}>{w.steps[every]}</button>
      ))}
    </div>
  );
}

function Filters({ shown, about, view }: Props) {
  const w = words();
  const set = (dimension: Dimension, value: string) => {
    const { [dimension]: _before, ...rest } = view.filters;
    shown.look({ filters: value ? { ...rest, [dimension]: value } : rest });
  };
  return (
    <>
      {DIMENSIONS.filter((dimension) => about.by.includes(dimension)).map((dimension) => (
        <Choice key={dimension} label={w.dimensions[dimension]!} value={view.filters[dimension] ?? ""} testid={`filter-${dimension}`}
          opened={() => void shown.reports.choose(dimension, view)} choose={(value) => set(dimension, value)} options={offered(shown, dimension)} />
      ))}
      {Object.keys(view.filters).length > 0 && <button type="button" class="plain" data-testid="clear" onClick={() => shown.look({ filters: {} })}>{w.clear}</button>}
    </>
  );
}

/** What the server calls the lack of one, and where it can tell. */
const NONE = "none";
const CLEAR = new Set<Dimension>(["agent", "department", "site"]);

/** Agents are known by name; of the rest there is what occurs in the stretch. */
export function offered(shown: Console, dimension: Dimension): [string, string][] {
  const any: [string, string] = ["", words().anyOf[dimension]!];
  const none: [string, string][] = CLEAR.has(dimension) ? [[NONE, words().ungrouped]] : [];
  if (dimension === "agent") return [any, ...(shown.colleagues.now.value.value ?? []).map((one): [string, string] => [one.id, one.name]), ...none];
  const found = (shown.reports.choices.value[dimension] ?? []).filter((one) => one.key);
  return [any, ...found.map((one): [string, string] => [one.key!, groupText(one.label)]), ...none];
}

/** The report as it was: the same question, put to the past. */
function Then({ shown, view }: { shown: Console; view: View }) {
  const w = words();
  const local = view.at ? localText(new Date(view.at)) : "";
  const set = (value: string) => shown.look({ at: value ? new Date(value).toISOString() : null });
  return (
    <span class="then" title={w.thenAbout}>
      <InputField label={w.then} type="datetime-local" value={local} bounds={{ max: localText(new Date()) }} testid="then" change={set} />
      {view.at && <button type="button" class="plain" data-testid="then-now" onClick={() => shown.look({ at: null })}>{w.now}</button>}
    </span>
  );
}

function localText(at: Date): string {
  return Number.isNaN(at.getTime()) ? "" : new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
