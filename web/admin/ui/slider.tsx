/** Time, to be moved through: one step an event. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { LogEvent } from "../../client/types";
import { fill } from "../../i18n/pick";
import { Tool } from "../../staff/bits";
import { prefs } from "../../staff/prefs";
import { momentText } from "../state/format";
import { words } from "../state/prefs";

interface Props {
  events: LogEvent[];
  /** How many of them have happened. */
  index: number;
  go: (index: number) => void;
  name: string;
}

const STEP_MS = 700;

export function Slider({ events, index, go, name }: Props) {
  const w = words();
  const [playing, play] = usePlaying(events.length, index, go);
  const event = events[index - 1];
  const now = index >= events.length;
  const at = event ? momentText(event.at, prefs.value.language) : "";
  const what = event ? (w.events[event.type] ?? event.type) : "";
  return (
    <section class="slider" aria-label={name} data-testid="slider-part">
      <p class="slider-said">
        <strong data-testid="moment">{now ? w.atNow : fill(w.atPast, { at })}</strong>
        <span>{now ? at : what}</span>
        <span class="slider-count">{fill(w.ofEvents, { n: index, all: events.length })}</span>
      </p>
      <div class="slider-row">
        <Tool icon={playing ? "pause" : "play"} label={playing ? w.pause : w.play} testid="play" onClick={() => play(!playing)} />
        <Tool icon="back" label={w.previous} testid="step-back" onClick={() => (play(false), go(Math.max(1, index - 1)))} />
        <div class="slider-track">
          <Ticks events={events} />
          <input type="range" min={1} max={events.length} step={1} value={index} aria-label={name} aria-valuetext={`${at}, ${what}`} data-testid="slider"
            style={{ "--at": `${((index - 1) / Math.max(1, events.length - 1)) * 100}%` }}
            onInput={(input) => (play(false), go(Number(input.currentTarget.value)))} />
        </div>
        <Tool icon="forth" label={w.next} testid="step-on" onClick={() => (play(false), go(Math.min(events.length, index + 1)))} />
        <button type="button" class="plain" disabled={now} data-testid="to-now" onClick={() => (play(false), go(events.length))}>{w.showNow}</button>
      </div>
    </section>
  );
}

/** Plays from here, or from the beginning where there is nothing left; every event takes as long. */
function usePlaying(length: number, index: number, go: (index: number) => void): [boolean, (on: boolean) => void] {
  const [playing, setPlaying] = useState(false);
  const step = useRef(go);
  step.current = go;
  useEffect(() => {
    if (!playing) return;
    if (index >= length) return setPlaying(false);
    const timer = setTimeout(() => step.current(index + 1), STEP_MS);
    return () => clearTimeout(timer);
  }, [playing, index, length]);
  const play = (on: boolean) => {
    if (on && index >= length) go(1);
    setPlaying(on);
  };
  return [playing, play];
}

const KINDS = ["visitor", "agent", "other"] as const;

/** Where in the conversation somebody spoke; the transcript says what. */
function Ticks({ events }: { events: LogEvent[] }) {
  const paths = useMemo(() => KINDS.map((kind) => ticksOf(events, kind)), [events]);
  return (
    <svg class="ticks" viewBox={`0 0 ${Math.max(1, events.length - 1)} 10`} preserveAspectRatio="none" aria-hidden="true">
      {KINDS.map((kind, i) => <path key={kind} class={`ticks-${kind}`} d={paths[i]} />)}
    </svg>
  );
}

function ticksOf(events: LogEvent[], kind: (typeof KINDS)[number]): string {
  const spoken = (event: LogEvent): string => (event.type !== "message.posted" ? "other" : event.actor.role === "visitor" ? "visitor" : "agent");
  return events.map((event, i) => (spoken(event) === kind ? (kind === "other" ? `M${i} 7V10` : `M${i} 2V10`) : "")).join("");
}
