/** One conversation in the list. All rows are of one height. */
import { clock, day, fill, region } from "../../i18n/pick";
import { prefs } from "../../staff/prefs";
import type { Desk } from "../state/desk";
import { isUnread, type Item } from "../state/inbox";
import { words } from "../state/prefs";
import { VisitorFace, count, visitorName } from "./visitor";

/** As the style sheet has it. */
export const ROW_PX = 88;

interface Props {
  desk: Desk;
  item: Item;
  at: number;
  of: number;
}

export function Row({ desk, item, at, of }: Props) {
  // What colleagues serve, or have ended, is theirs to read.
  const unread = isUnread(item, desk.me.agent) && (desk.listing.concerns(item) || item.assignee === desk.me.agent);
  const active = desk.front.active.value === item.id;
  const look = [active && "is-active", unread && "is-unread", item.missed && "is-missed", desk.talks.overdue(item.id) && "is-late"];
  return (
    <div class="row-place" role="listitem" aria-posinset={at + 1} aria-setsize={of} style={{ top: `${at * ROW_PX}px` }}>
      <button type="button" class={`row ${look.filter(Boolean).join(" ")}`} data-testid="list-item"
        data-conversation={item.id} data-unread={unread} data-missed={item.missed ?? ""} aria-current={active} onClick={() => void desk.front.open(item.id)}>
        <VisitorFace item={item} id={item.id} />
        <span class="row-body">
          <span class="row-top"><strong>{visitorName(item)}</strong><time dateTime={item.last_at}>{when(item.last_at)}</time></span>
          <span class="row-text"><Preview desk={desk} item={item} /></span>
          {item.status !== "erased" && <RowFoot desk={desk} item={item} />}
        </span>
        {unread && <Unread n={desk.talks.unread(item.id)} />}
      </button>
    </div>
  );
}

/** With a number where it is known. */
export function Unread({ n }: { n: number }) {
  const label = n > 0 ? fill(words().unreadOnes, { n }) : words().unread;
  return <b class={`unread ${n > 0 ? "is-counted" : ""}`} data-testid="unread" role="img" aria-label={label}>{n > 0 && count(n)}</b>;
}

function Preview({ desk, item }: { desk: Desk; item: Item }) {
  const w = words();
  if (item.status === "erased") return <>{w.erasedText}</>;
  if (desk.client.typists.by.value[item.id]) return <em>{w.isTyping}</em>;
  const draft = desk.drafts.get(item.id);
  if (draft.text && desk.front.active.value !== item.id) return <><i class="is-draft">{w.draft}</i> {draft.text.slice(0, 80)}</>;
  return <>{item.last && `${item.last.role === "visitor" ? "" : "↩ "}${item.last.text || w.file}`}</>;
}

function RowFoot({ desk, item }: { desk: Desk; item: Item }) {
  const w = words();
  const who = item.assignee === desk.me.agent ? w.you : item.assignee ? (item.assignee_name ?? desk.roster.nameOf(item.assignee) ?? "") : w.waits;
  const waits = item.status === "open" ? waited(desk, item) : "";
  return (
    <span class="row-foot">
      {item.missed && <span class="chip is-alert">{w.missedShort[item.missed] ?? w.missedOne}</span>}
      {!(item.missed && !item.assignee) && <span class={`chip ${item.assignee || item.status !== "open" ? "" : "is-waiting"}`}>{item.assignee || item.status === "open" ? who : w.none}</span>}
      {waits && <span class={`chip is-time ${desk.talks.overdue(item.id) ? (item.missed ? "is-alert" : "is-waiting") : ""}`}>{waits}</span>}
      {item.department && <span class="chip">{desk.workspace.department(item.department)}</span>}
      {item.tags.slice(0, 3).map((tag) => <span class="chip is-tag">{tag}</span>)}
      {item.rating && <span class="chip is-rating">★ {item.rating}</span>}
    </span>
  );
}

const MINUTE_MS = 60_000;

/** How long its visitor has waited, where that is a minute or more. */
function waited(desk: Desk, item: Item): string {
  const minutes = item.unanswered_at ? Math.floor((desk.now.value - Date.parse(item.unanswered_at)) / MINUTE_MS) : 0;
  if (minutes < 1) return "";
  const w = words();
  return minutes < 60 ? fill(w.minutes, { n: minutes }) : minutes < 48 * 60 ? fill(w.hours, { n: Math.floor(minutes / 60) }) : fill(w.days, { n: Math.floor(minutes / 1440) });
}

export function when(at: string): string {
  const w = words();
  const { language } = prefs.value;
  const date = day(at, language, "", w.yesterday);
  if (date === "") return clock(at, language);
  return date === w.yesterday ? date : new Date(at).toLocaleDateString(region(language), { month: "short", day: "numeric" });
}
