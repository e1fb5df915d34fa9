/** The lines of a conversation at a moment, with the marks of who had read how far. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Line } from "../../client/transcript";
import { fill } from "../../i18n/pick";
import { Face, visitorName } from "../../staff/bits";
import { Bubble, Day, System, Time, newDay, together } from "../../staff/lines";
import { said } from "../../staff/prefs";
import type { Overview } from "../state/api";
import { words } from "../state/prefs";
import type { Moment, Reader } from "../state/travel";

interface Props {
  moment: Moment;
  marks: Map<number, Reader[]>;
  /** The line that one came for. */
  found: number | null;
  visitor: Overview | null;
  nameOf: (agent: string) => string | null;
}

/** So many lines are drawn at once; what is earlier comes when asked for. */
const LINES = 300;

export function PastLines({ moment, marks, found, visitor, nameOf }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [more, setMore] = useState(0);
  const { lines } = moment.view;
  const at = found === null ? -1 : lines.findIndex((line) => line.version === found);
  const from = Math.max(0, Math.min(lines.length - LINES, at < 0 ? Infinity : at - LINES / 2) - more * LINES);
  const last = lines.at(-1)?.version;
  useLayoutEffect(() => {
    const line = box.current!.querySelector<HTMLElement>(".is-found");
    if (line) line.scrollIntoView({ block: "center" });
    else box.current!.scrollTop = box.current!.scrollHeight;
  }, [last, found]);
  return (
    <div ref={box} class="past-lines" role="log" aria-live="off" aria-label={said().log} tabIndex={0} data-testid="lines">
      {from > 0 && <button type="button" class="more" data-testid="earlier" onClick={() => setMore(more + 1)}>{said().earlier}</button>}
      {lines.length === 0 && <p class="quiet">{words().noLines}</p>}
      {lines.slice(from).map((line, i) => (
        <Row key={line.id} line={line} before={lines[from + i - 1]} after={lines[from + i + 1]} found={line.version === found}
          readers={marks.get(line.version) ?? []} who={whoIn(visitor, nameOf)} nameOf={nameOf} />
      ))}
    </div>
  );
}

type Who = (actor: Line["actor"]) => string;

function whoIn(visitor: Overview | null, nameOf: Props["nameOf"]): Who {
  return ({ role, id, name }) => {
    if (role === "visitor") return visitorName(id, name ?? visitor?.visitor_name);
    if (role === "agent") return name || nameOf(id) || said().somebody;
    return name || said().theSystem;
  };
}

interface RowProps {
  line: Line;
  before: Line | undefined;
  after: Line | undefined;
  found: boolean;
  readers: Reader[];
  who: Who;
  nameOf: (agent: string) => string | null;
}

function Row({ line, before, after, found, readers, who, nameOf }: RowProps) {
  const date = newDay(before, line);
  const first = date !== null || !together(before, line);
  const last = !after || !together(line, after);
  return (
    <>
      {date && <Day date={date} />}
      {line.kind === "system" ? <System line={line} who={who(line.actor)} nameOf={nameOf} /> : <Spoken line={line} first={first} last={last} found={found} name={who(line.actor)} />}
      {readers.length > 0 && <Marks readers={readers} who={who} />}
    </>
  );
}

function Spoken({ line, first, last, found, name }: { line: Line; first: boolean; last: boolean; found: boolean; name: string }) {
  const w = said();
  const side = line.actor.role === "visitor" ? "theirs" : "ours";
  return (
    <article class={`message ${side} is-${line.kind} ${first ? "is-first" : ""} ${found ? "is-found" : ""}`} data-testid={line.kind} data-version={line.version}>
      {first && <header><Face name={name} id={line.actor.id} /><strong>{name}</strong>{line.kind === "note" && <span class="chip is-note">{w.note}</span>}</header>}
      <Bubble line={line} />
      {last && <footer><Time at={line.at} /></footer>}
    </article>
  );
}

function Marks({ readers, who }: { readers: Reader[]; who: Who }) {
  const names = readers.map((reader) => who(reader)).join(", ");
  const text = fill(words().readHere, { name: names });
  return (
    <p class="read-mark" data-testid="read-mark" title={text}>
      {readers.map((reader) => <Face key={reader.id} name={who(reader)} id={reader.id} />)}<span>{text}</span>
    </p>
  );
}
