/** How one line of a conversation looks, on whichever page. Where lines come from, and what may be done to them, is the page's. */
import type { Line } from "../client/transcript";
import { clock, day, fill } from "../i18n/pick";
import { Text } from "../i18n/text";
import { prefs, said } from "./prefs";

const GROUP_MS = 5 * 60_000;

/** Whether two lines stand under one name. */
export function together(a: Line | undefined, b: Line): boolean {
  return a !== undefined && a.kind === b.kind && a.actor.id === b.actor.id && Date.parse(b.at) - Date.parse(a.at) < GROUP_MS;
}

/** The day that begins with this line, if one does. */
export function newDay(before: Line | undefined, line: Line): string | null {
  const date = dateOf(line);
  return before && dateOf(before) === date ? null : date;
}

function dateOf(line: Line): string {
  return day(line.at, prefs.value.language, said().today, said().yesterday);
}

export function Day({ date }: { date: string }) {
  return <div class="day"><span>{date}</span></div>;
}

export function Bubble({ line }: { line: Line }) {
  const w = said();
  return (
    <div class={`bubble ${line.erased || line.damaged ? "is-erased" : ""}`} data-testid={`${line.kind}-text`}>
      {line.erased ? w.erased : line.damaged ? w.damaged : line.text ? <Text text={line.text} /> : w.file}
    </div>
  );
}

export function Time({ at }: { at: string }) {
  return <time dateTime={at}>{clock(at, prefs.value.language)}</time>;
}

/** By what happened and why; a reason that has no sentence of its own is told without it. */
function sentence(line: Line, reason: string, tags: string): string {
  const { system } = said();
  const agent = line.data?.["agent"];
  const taken = line.type === "conversation.assigned" && agent === line.actor.id;
  const key = taken ? "conversation.taken" : line.type === "conversation.tagged" && !tags ? "conversation.untagged" : line.type;
  // A reception rule acts with the visitor's first word.
  if (line.type === "conversation.tagged" && line.actor.role === "visitor") return system["conversation.tagged.rule"]!;
  return system[`${key}.${reason}`] ?? system[key] ?? key;
}

interface SystemProps {
  line: Line;
  /** Who did it, and what an agent that is named in it is called here. */
  who: string;
  nameOf: (agent: string) => string | null;
  departmentOf?: (key: string) => string | null;
}

/** These lines stand out. */
const ALARMS = new Set(["conversation.missed", "conversation.unanswered"]);

export function System({ line, who, nameOf, departmentOf }: SystemProps) {
  const w = said();
  const data = line.data ?? {};
  const agent = typeof data["agent"] === "string" ? data["agent"] : "";
  const tags = Array.isArray(data["tags"]) ? data["tags"].join(", ") : "";
  const department = typeof data["department"] === "string" ? (departmentOf?.(data["department"]) ?? data["department"]) : "";
  const reason = typeof data["reason"] === "string" ? data["reason"] : "";
  const name = nameOf(agent) || String(data["name"] ?? "") || department || w.somebody;
  const minutes = Math.max(1, Math.round(Number(data["after_s"] ?? 0) / 60));
  const comment = typeof data["comment"] === "string" ? data["comment"] : "";
  return (
    <div class={`system ${line.type === "conversation.rated" ? "is-rating" : ""} ${ALARMS.has(line.type) ? "is-alarm" : ""}`} data-testid="system" data-type={line.type} data-reason={reason}>
      {fill(sentence(line, reason, tags), { who, name, tags, department, minutes, rating: Number(data["rating"] ?? 0) })}
      {comment && <q>{comment}</q>}
      <Time at={line.at} />
    </div>
  );
}
