/** What was said, noted and done in one conversation. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Item as Line } from "../../client/thread";
import { clock, day, fill } from "../../i18n/pick";
import { Text } from "../../i18n/text";
import type { Desk } from "../state/desk";
import { prefs, words } from "../state/prefs";
import { Face, errorText, visitorName } from "./bits";

const NEAR_PX = 80;
const GROUP_MS = 5 * 60_000;

export function Lines({ desk, id }: { desk: Desk; id: string }) {
  const w = words();
  const box = useRef<HTMLDivElement>(null);
  const stuck = useRef(true);
  const left = useRef(0);
  const said = useRef("");
  const [below, setBelow] = useState(false);
  const lines = desk.lines(id);
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
  const scrolled = () => {
    const { scrollHeight, scrollTop, clientHeight } = box.current!;
    stuck.current = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    remember();
    if (stuck.current) setBelow(false);
  };
  return (
    <div class="lines-frame">
      <div ref={box} class="lines" role="log" aria-live="polite" aria-label={w.log} tabIndex={0} data-testid="lines" onScroll={scrolled}>
        {desk.transcript(id).trimmed > 0 && (
          <button type="button" class="more" data-testid="earlier" onClick={() => void desk.earlier(id)}>{w.earlier}</button>
        )}
        {lines.map((line, i) => <Row key={line.id} desk={desk} line={line} before={lines[i - 1]} after={lines[i + 1]} />)}
        {typist && <p class="typing" data-testid="typing">{fill(w.typing, { name: typist.name || visitorName(desk.listing.get(id)) })}</p>}
      </div>
      {below && <button type="button" class="pill" onClick={toEnd}>{w.newMessages}</button>}
    </div>
  );
}

interface RowProps {
  desk: Desk;
  line: Line;
  before: Line | undefined;
  after: Line | undefined;
}

function Row({ desk, line, before, after }: RowProps) {
  const w = words();
  const { language } = prefs.value;
  const date = day(line.at, language, w.today, w.yesterday);
  const newDay = !before || day(before.at, language, w.today, w.yesterday) !== date;
  return (
    <>
      {newDay && <div class="day"><span>{date}</span></div>}
      {line.kind === "system" ? <System desk={desk} line={line} /> : (
        <Message desk={desk} line={line} first={newDay || !together(before, line)} last={!after || !together(line, after)} />
      )}
    </>
  );
}

function together(a: Line | undefined, b: Line): boolean {
  return a !== undefined && a.kind === b.kind && a.actor.id === b.actor.id && Date.parse(b.at) - Date.parse(a.at) < GROUP_MS;
}

function Message({ desk, line, first, last }: { desk: Desk; line: Line; first: boolean; last: boolean }) {
  const w = words();
  const side = line.actor.role === "visitor" ? "theirs" : "ours";
  const name = who(desk, line);
  const state = line.state === "theirs" ? "" : w[line.state];
  return (
    <article class={`message ${side} is-${line.kind} is-${line.state} ${first ? "is-first" : ""}`}
      data-testid={line.kind} data-state={line.state} data-id={line.id} data-role={line.actor.role}>
      {first && <header><Face name={line.actor.name || (line.actor.id === desk.me.agent ? desk.me.name : name)} id={line.actor.id} /><strong>{name}</strong>{line.kind === "note" && <span class="chip is-note">{w.note}</span>}</header>}
      <div class={`bubble ${line.erased ? "is-erased" : ""}`} data-testid={`${line.kind}-text`}>{line.erased ? w.erased : line.text ? <Text text={line.text} /> : w.file}</div>
      {line.state === "refused" ? <Refused desk={desk} line={line} /> : last && (
        <footer><time dateTime={line.at}>{clock(line.at, prefs.value.language)}</time>{state && line.kind === "message" && ` · ${state}`}</footer>
      )}
    </article>
  );
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
  const item = [...desk.listing.items.value.values()].find((one) => one.visitor === id);
  return name || visitorName(item ?? { visitor: id, visitor_name: null });
}

function System({ desk, line }: { desk: Desk; line: Line }) {
  const w = words();
  const data = line.data ?? {};
  const agent = typeof data["agent"] === "string" ? data["agent"] : "";
  const tags = Array.isArray(data["tags"]) ? data["tags"].join(", ") : "";
  const own = line.type === "conversation.assigned" && agent === line.actor.id;
  const key = own ? "conversation.taken" : line.type === "conversation.tagged" && !tags ? "conversation.untagged" : line.type;
  const name = agent === desk.me.agent ? w.you : desk.roster.nameOf(agent) || String(data["name"] ?? data["department"] ?? "") || w.somebody;
  const comment = typeof data["comment"] === "string" ? data["comment"] : "";
  return (
    <div class={`system ${line.type === "conversation.rated" ? "is-rating" : ""}`} data-testid="system" data-type={line.type}>
      {fill(w.system[key] ?? key, { who: who(desk, line), name, tags, rating: Number(data["rating"] ?? 0) })}
      {comment && <q>{comment}</q>}
      <time dateTime={line.at}>{clock(line.at, prefs.value.language)}</time>
    </div>
  );
}
