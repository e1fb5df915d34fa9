/** What was said, noted and done in one conversation. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Item as Line } from "../../client/thread";
import { fill } from "../../i18n/pick";
import { Face, Icon, errorText } from "../../staff/bits";
import { Bubble, Day, System, Time, newDay, together } from "../../staff/lines";
import type { Desk } from "../state/desk";
import { words } from "../state/prefs";
import { FileBubble } from "./files";
import { Origin } from "./origin";
import { visitorName } from "./visitor";

const NEAR_PX = 80;

export function Lines({ desk, id }: { desk: Desk; id: string }) {
  const w = words();
  const box = useRef<HTMLDivElement>(null);
  const stuck = useRef(true);
  const left = useRef(0);
  const said = useRef("");
  const [below, setBelow] = useState(false);
  const lines = desk.talks.lines(id);
  const last = lines.at(-1);
  const typist = desk.client.typists.by.value[id];
  const toEnd = () => (box.current!.scrollTop = box.current!.scrollHeight);
  const remember = () => (left.current = box.current!.scrollHeight - box.current!.scrollTop);
  // What comes in above must not move what is being read.
  useLayoutEffect(() => {
    if (!stuck.current) box.current!.scrollTop = box.current!.scrollHeight - left.current;
  }, [lines[0]?.id]);
  useLayoutEffect(() => {
    const news = last !== undefined && last.id !== said.current;
    said.current = last?.id ?? "";
    if (stuck.current || (news && last?.state === "sending")) toEnd();
    else if (news) setBelow(true);
  }, [last?.id, last?.state, typist?.id]);
  useLayoutEffect(() => void remember());
  useSought(desk, id, box, lines, () => (stuck.current = false));
  const scrolled = () => {
    const { scrollHeight, scrollTop, clientHeight } = box.current!;
    stuck.current = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    remember();
    if (stuck.current) setBelow(false);
  };
  return (
    <div class="lines-frame">
      <div ref={box} class="lines" role="log" aria-live="polite" aria-label={w.log} tabIndex={0} data-testid="lines" onScroll={scrolled}
        onLoadCapture={() => stuck.current && toEnd()}>
        {desk.talks.transcript(id).trimmed > 0 && (
          <button type="button" class="more" data-testid="earlier" onClick={() => void desk.talks.earlier(id)}>{w.earlier}</button>
        )}
        {lines.length === 0 && (!desk.online.value || desk.client.phase.value !== "online") && <p class="quiet" role="status" data-testid="not-loaded">{w.notLoaded}</p>}
        {lines.map((line, i) => <Row key={line.id} desk={desk} conversation={id} line={line} before={lines[i - 1]} after={lines[i + 1]} />)}
        {typist && <p class="typing" data-testid="typing">{fill(w.typing, { name: typist.name || visitorName(desk.listing.get(id)) })}</p>}
      </div>
      {below && <button type="button" class="pill" onClick={toEnd}>{w.newMessages}</button>}
    </div>
  );
}

/** Goes to the place that was found, loading what lies before it as far as that is needed. */
function useSought(desk: Desk, id: string, box: { current: HTMLDivElement | null }, lines: Line[], found: () => void): void {
  const sought = desk.front.sought.value;
  const first = lines[0]?.version;
  useEffect(() => {
    if (sought?.conversation !== id || first === undefined) return;
    const line = box.current!.querySelector<HTMLElement>(`[data-version="${sought.version}"]`);
    if (!line && desk.talks.transcript(id).trimmed > 0 && first > sought.version) return void desk.talks.earlier(id);
    if (!line) return;
    desk.front.sought.value = null;
    found();
    line.scrollIntoView({ block: "center" });
    line.classList.add("is-sought");
  }, [sought, first, lines.length]);
}

interface RowProps {
  desk: Desk;
  conversation: string;
  line: Line;
  before: Line | undefined;
  after: Line | undefined;
}

function Row({ desk, conversation, line, before, after }: RowProps) {
  const date = newDay(before, line);
  return (
    <>
      {date && <Day date={date} />}
      {line.kind !== "system" ? <Message desk={desk} line={line} first={date !== null || !together(before, line)} last={!after || !together(line, after)} />
        : line.type === "conversation.started" ? <Origin desk={desk} conversation={conversation} line={line} who={who(desk, line)} />
        : <System line={line} who={who(desk, line)} nameOf={(agent) => nameOf(desk, agent)} departmentOf={(key) => desk.workspace.department(key)} />}
    </>
  );
}

function Message({ desk, line, first, last }: { desk: Desk; line: Line; first: boolean; last: boolean }) {
  const w = words();
  const side = line.actor.role === "visitor" ? "theirs" : "ours";
  const name = who(desk, line);
  return (
    <article class={`message ${side} is-${line.kind} is-${line.state} ${first ? "is-first" : ""}`} aria-label={name}
      data-testid={line.kind} data-state={line.state} data-id={line.id} data-role={line.actor.role} data-version={line.version}>
      {first && <header><Face name={line.actor.name || (line.actor.id === desk.me.agent ? desk.me.name : name)} id={line.actor.id} /><strong>{name}</strong>{line.kind === "note" && <span class="chip is-note">{w.note}</span>}</header>}
      {line.file && !line.erased ? <FileBubble desk={desk} file={line.file} line={line.id} /> : <Bubble line={line} />}
      {line.state === "refused" ? <Refused desk={desk} line={line} /> : (last || line.state === "sending") && (
        <footer><Time at={line.at} /><Mark line={line} /></footer>
      )}
    </article>
  );
}

/** Where one's own words stand: on their way, with the server, at a device of the visitor's, or read. */
function Mark({ line }: { line: Line }) {
  if (line.state === "theirs" || line.state === "refused") return null;
  const text = words()[line.state];
  if (line.kind === "note" && line.state !== "sending") return null;
  return <span class={`mark-of is-${line.state}`}>{" · "}{text}{line.state !== "sending" && <Icon name={line.state === "sent" ? "check" : "checks"} />}</span>;
}

function Refused({ desk, line }: { desk: Desk; line: Line }) {
  const w = words();
  return (
    <div class="refused" role="alert" data-testid="refused">
      {w.refused}: {errorText(line.reason?.code ?? "other", line.reason?.message ?? "")}
      <button type="button" data-testid="retry" onClick={() => void desk.client.outbox.again(line.id)}>{w.retry}</button>
      <button type="button" data-testid="discard" onClick={() => void desk.client.outbox.discard(line.id)}>{w.discard}</button>
    </div>
  );
}

function who(desk: Desk, line: Line): string {
  const w = words();
  const { role, id, name } = line.actor;
  if (role === "agent" && id === desk.me.agent) return w.you;
  if (role === "agent") return name || desk.roster.nameOf(id) || w.somebody;
  if (role !== "visitor") return name || w.theSystem;
  return visitorName({ visitor: id, visitor_name: name || desk.talks.nameOf(id) });
}

function nameOf(desk: Desk, agent: string): string | null {
  return agent === desk.me.agent ? words().yourself : desk.roster.nameOf(agent);
}
