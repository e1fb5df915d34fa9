/** Where a chart stands. The library comes when it is needed; what it draws is in the table too, for those who do not see it. */
import { useEffect, useRef } from "preact/hooks";
import type { Chart as Drawn } from "./draw";
import { paletteFor } from "./palette";
import type { Drawing } from "./series";

interface Props {
  drawing: Drawing;
  label: string;
  text: (value: number) => string;
}

/** Across a sheet of A4, less its margins. */
const PAPER_PX = 680;
const RANK_PX = 34;
const media = (query: string): boolean => matchMedia(query).matches;

export function Chart({ drawing, label, text }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const drawn = useRef<Drawn | null>(null);
  const redraw = () => drawn.current?.draw(drawing, paletteFor(media), text);
  const latest = useRef(redraw);
  latest.current = redraw;
  useEffect(() => begin(box.current!, drawn, latest), []);
  useEffect(() => {
    drawn.current?.resize();
    redraw();
  }, [drawing, text]);
  return <div ref={box} class="chart" role="img" aria-label={label} data-testid="chart" data-kind={drawing.kind} style={{ height: heightOf(drawing) }} />;
}

function heightOf({ kind, steps, series }: Drawing): string {
  return kind === "ranks" ? `${Math.max(3, steps.length) * RANK_PX * (series.length > 1 ? 1.4 : 1) + 40}px` : "";
}

function begin(box: HTMLElement, drawn: { current: Drawn | null }, redraw: { current: () => void }): () => void {
  const away = new AbortController();
  void import("./draw").then(({ chartIn }) => {
    if (away.signal.aborted) return;
    drawn.current = chartIn(box);
    redraw.current();
    const watch = new ResizeObserver(() => !media("print") && drawn.current?.resize());
    watch.observe(box);
    away.signal.addEventListener("abort", () => watch.disconnect());
    for (const query of ["print", "(prefers-color-scheme: dark)"]) {
      matchMedia(query).addEventListener("change", () => repaint(drawn.current!, redraw.current), { signal: away.signal });
    }
  });
  return () => {
    away.abort();
    drawn.current?.end();
    drawn.current = null;
  };
}

function repaint(chart: Drawn, redraw: () => void): void {
  chart.resize(media("print") ? PAPER_PX : undefined);
  redraw();
}
