/** The conversations, narrowed to whose and which. */
import { clock, day, region } from "../../i18n/pick";
import { Empty, Icon } from "../../staff/bits";
import { prefs } from "../../staff/prefs";
import { isUnread, type Filter, type Item } from "../state/inbox";
import type { Desk } from "../state/desk";
import { words } from "../state/prefs";
import { ConnState } from "./rail";
import { VisitorFace, count, visitorName } from "./visitor";

export function List({ desk }: { desk: Desk }) {
  const w = words();
  const filter = desk.listing.filter.value;
  return (
    <section class="list" aria-label={w.conversations}>
      <header class="list-head">
        <h1>{w.conversations}</h1>
        <ConnState desk={desk} />
      </header>
      <label class="search">
        <Icon name="find" />
        <input type="search" value={filter.text} placeholder={w.find} aria-label={w.find} data-testid="list-filter"
          onInput={(event) => desk.listing.show({ text: event.currentTarget.value })} />
      </label>
      <Whose desk={desk} />
      <Items desk={desk} />
    </section>
  );
}

function Whose({ desk }: { desk: Desk }) {
  const w = words();
  const filter = desk.listing.filter.value;
  const waiting = (who: Filter["who"]) => {
    const items = [...desk.listing.items.value.values()].filter((item) => item.status === "open" && isUnread(item, desk.me.agent));
    return items.filter((item) => (who === "mine" ? item.assignee === desk.me.agent : item.assignee === null)).length;
  };
  return (
    <div class="whose">
      <div class="segments" role="group">
        {(["mine", "unassigned", "all"] as const).map((who) => (
          <button type="button" aria-pressed={filter.who === who} data-testid={`filter-${who}`} onClick={() => desk.listing.show({ who })}>
            {w[who]}{who !== "all" && waiting(who) > 0 && <b class="count">{count(waiting(who))}</b>}
          </button>
        ))}
      </div>
      <select class="which" value={filter.status} aria-label={w.conversations} data-testid="filter-status"
        onChange={(event) => desk.listing.show({ status: event.currentTarget.value as Filter["status"] })}>
        <option value="open">{w.openOnes}</option>
        <option value="closed">{w.closedOnes}</option>
        <option value="erased">{w.erasedOnes}</option>
      </select>
    </div>
  );
}

function Items({ desk }: { desk: Desk }) {
  const w = words();
  const items = desk.listing.shown.value;
  const filter = desk.listing.filter.value;
  if (!desk.listing.loaded.value) return <div class="items"><p class="quiet">{w.loading}</p></div>;
  return (
    <div class="items" data-testid="list">
      {items.length === 0 && <Nothing filter={filter} />}
      {items.map((item) => <Row key={item.id} desk={desk} item={item} />)}
      {desk.listing.more.value && (
        <button type="button" class="more" onClick={() => void desk.listing.loadMore()}>{w.more}</button>
      )}
    </div>
  );
}

function Nothing({ filter }: { filter: Filter }) {
  const w = words();
  if (filter.text.trim()) return <Empty title={w.emptyFound} testid="list-empty" />;
  if (filter.status !== "open") return <Empty title={w.emptyPast} testid="list-empty" />;
  if (filter.who === "mine") return <Empty title={w.emptyMine} testid="list-empty" />;
  if (filter.who === "unassigned") return <Empty title={w.emptyUnassigned} testid="list-empty" />;
  return <Empty title={w.emptyAll} text={w.emptyAllText} testid="list-empty" />;
}

function Row({ desk, item }: { desk: Desk; item: Item }) {
  const w = words();
  const unread = isUnread(item, desk.me.agent);
  const active = desk.active.value === item.id;
  const typing = desk.client.typists.by.value[item.id];
  const preview = item.status === "erased" ? w.erasedText : item.last ? `${item.last.role === "visitor" ? "" : "↩ "}${item.last.text || w.file}` : "";
  return (
    <button type="button" class={`row ${active ? "is-active" : ""} ${unread ? "is-unread" : ""}`} data-testid="list-item"
      data-conversation={item.id} data-unread={unread} aria-current={active} onClick={() => void desk.open(item.id)}>
      <VisitorFace item={item} id={item.id} />
      <span class="row-body">
        <span class="row-top"><strong>{visitorName(item)}</strong><time dateTime={item.last_at}>{when(item.last_at)}</time></span>
        <span class="row-text">{typing ? <em>…</em> : preview}</span>
        {item.status !== "erased" && <RowFoot desk={desk} item={item} />}
      </span>
      {unread && <i class="unread" data-testid="unread" />}
    </button>
  );
}

function RowFoot({ desk, item }: { desk: Desk; item: Item }) {
  const w = words();
  const who = item.assignee === desk.me.agent ? w.you : item.assignee ? (item.assignee_name ?? desk.roster.nameOf(item.assignee) ?? "") : w.unassigned;
  return (
    <span class="row-foot">
      <span class={`chip ${item.assignee ? "" : "is-waiting"}`}>{who}</span>
      {item.tags.slice(0, 3).map((tag) => <span class="chip is-tag">{tag}</span>)}
      {item.rating && <span class="chip is-rating">★ {item.rating}</span>}
    </span>
  );
}

function when(at: string): string {
  const w = words();
  const { language } = prefs.value;
  const date = day(at, language, "", w.yesterday);
  if (date === "") return clock(at, language);
  return date === w.yesterday ? date : new Date(at).toLocaleDateString(region(language), { month: "short", day: "numeric" });
}
