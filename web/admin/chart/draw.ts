/**
 * Draws with Apache ECharts. The only file that knows it, and loaded only when the first chart is shown.
 *
 * Nothing here may need inline style or markup made of text: the page forbids both. Tooltips are elements.
 */
import { BarChart, LineChart, type BarSeriesOption, type LineSeriesOption } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent, type GridComponentOption, type LegendComponentOption, type TooltipComponentOption } from "echarts/components";
import { init, use, type ComposeOption } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import type { Palette } from "./palette";
import { alone, type Drawing, type Series } from "./series";

use([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

type Option = ComposeOption<BarSeriesOption | LineSeriesOption | GridComponentOption | LegendComponentOption | TooltipComponentOption>;

export interface Chart {
  draw(drawing: Drawing, palette: Palette, text: (value: number) => string): void;
  resize(width?: number): void;
  end(): void;
}

export function chartIn(box: HTMLElement): Chart {
  const chart = init(box, null, { renderer: "svg" });
  return {
    draw: (drawing, palette, text) => chart.setOption(optionOf(drawing, palette, text), { notMerge: true }),
    resize: (width) => chart.resize(width === undefined ? {} : { width }),
    end: () => chart.dispose(),
  };
}

const DASHES = ["solid", "dashed", "dotted", [8, 3, 2, 3], [2, 2], [12, 4]] as const;
const SYMBOLS = ["circle", "rect", "triangle", "diamond", "emptyCircle", "emptyRect"];
const FEW = 40;
const NAME_PX = 150;
const DOT_PX = 6;

function optionOf(drawing: Drawing, palette: Palette, text: (value: number) => string): Option {
  const across = drawing.kind === "ranks";
  const steps = { type: "category" as const, data: drawing.steps, inverse: across, axisTick: { show: false }, axisLine: { lineStyle: { color: palette.line } } };
  const label = { color: palette.soft, fontSize: 12, hideOverlap: true };
  const category = { ...steps, axisLabel: across ? { ...label, width: NAME_PX, overflow: "truncate" as const } : { ...label, alignMaxLabel: "right" as const } };
  const spaces = { splitNumber: 4, minInterval: drawing.whole ? 1 : 0, ...(drawing.apart ? round(drawing.apart) : {}) };
  const value = { type: "value" as const, ...spaces, splitLine: { lineStyle: { color: palette.line } }, axisLabel: { ...label, formatter: text } };
  return {
    animation: false,
    color: palette.series,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: palette.ink },
    grid: { left: 4, right: 12, top: drawing.series.length > 1 ? 40 : 14, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    legend: { show: drawing.series.length > 1, left: 0, top: 0, icon: "roundRect", itemWidth: 22, itemHeight: 3, textStyle: { color: palette.soft } },
    tooltip: tooltip(drawing, palette, text),
    xAxis: across ? value : category,
    yAxis: across ? category : value,
    series: drawing.series.map((one, i) => seriesOf(one, i, drawing, palette)),
  };
}

/** Lines so far apart, the last of them above everything. */
function round(interval: number) {
  return { interval, max: ({ max }: { max: number }) => Math.max(1, Math.ceil(max / interval)) * interval };
}

function seriesOf(series: Series, i: number, { kind, steps }: Drawing, palette: Palette): BarSeriesOption | LineSeriesOption {
  const color = series.before ? palette.before : palette.series[i % palette.series.length]!;
  const base = { name: series.name, data: series.values };
  if (kind === "bars" && series.before) return { ...base, type: "line", symbol: "none", step: "middle", itemStyle: { color }, lineStyle: { color, width: 1.5, type: "dashed" } };
  if (kind !== "lines") {
    const borderRadius = kind === "ranks" ? [0, 4, 4, 0] : [3, 3, 0, 0];
    return { ...base, type: "bar", barMaxWidth: 26, barGap: "15%", itemStyle: { color, borderRadius, opacity: series.before ? 0.55 : 1 } };
  }
  const type = series.before ? "dashed" : DASHES[i % DASHES.length]!;
  const lineStyle = { color, width: series.before ? 1.5 : 2.25, type: typeof type === "string" ? type : [...type] };
  const dots = steps.length <= FEW && !series.before;
  const symbolSize = (_value: unknown, { dataIndex }: { dataIndex: number }): number => (dots || alone(series.values, dataIndex) ? DOT_PX : 0);
  return { ...base, type: "line", symbol: SYMBOLS[i % SYMBOLS.length]!, symbolSize, showAllSymbol: true, itemStyle: { color }, lineStyle };
}

function tooltip(drawing: Drawing, palette: Palette, text: (value: number) => string): TooltipComponentOption {
  return {
    trigger: "axis",
    axisPointer: { type: drawing.kind === "lines" ? "line" : "shadow", lineStyle: { color: palette.before }, shadowStyle: { color: palette.before, opacity: 0.12 } },
    backgroundColor: palette.ground, borderColor: palette.line, padding: 10, confine: true, transitionDuration: 0, textStyle: { color: palette.ink },
    formatter: (points) => lines(drawing, [points].flat()[0]?.dataIndex ?? 0, text),
  };
}

/** As elements: what stands in it are names that people gave. */
function lines(drawing: Drawing, at: number, text: (value: number) => string): HTMLElement {
  const box = document.createElement("div");
  box.className = "tip";
  box.append(element("strong", drawing.steps[at] ?? ""));
  for (const series of drawing.series) {
    const value = series.values[at];
    const row = element("span", "");
    row.append(element("span", series.name), element("b", value === null || value === undefined ? "–" : text(value)));
    box.append(row);
  }
  return box;
}

function element(name: string, text: string): HTMLElement {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
