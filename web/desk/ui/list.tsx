/** The conversations, narrowed to whose and which, or to what was said in them. */
import { Empty, Icon } from "../../staff/bits";
import type { Desk } from "../state/desk";
import type { Filter, Whose } from "../state/filter";
import { words } from "../state/prefs";
import { Found } from "./found";
import { ConnState } from "./rail";
import { ROW_PX, Row } from "./row";
import { count } from "./visitor";
import { useChosen, useWindow } from "./window";

const WHOSE: Whose[] = ["mine", "unassigned", "missed", "all"];

export function List({ desk }: { desk: Desk }) {
  const w = words();
  const text = desk.listing.text.value;
  return (
    <section class="list" aria-label={w.conversations}>
      <header class="list-head">
        <h1>{w.conversations}</h1>
        <ConnState desk={desk} />
      </header>
      <label class="search">
        <Icon name="find" />
        <input type="search" value={text} placeholder={w.find} aria-label={w.find} data-testid="list-filter"
          onInput={(event) => desk.listing.show({ text: event.currentTarget.value })}
          onKeyDown={(event) => event.key === "Escape" && (desk.listing.show({ text: "" }), event.currentTarget.blur())} />
      </label>
      <Filters desk={desk} />
      {desk.listing.loaded.value ? <Items desk={desk} /> : <div class="items"><p class="quiet" role="status">{w.loading}</p></div>}
    </section>
  );
}

function Filters({ desk }: { desk: Desk }) {
  const w = words();
  const filter = desk.listing.filter.value;
  const sums = desk.listing.counts.value;
  const { departments } = desk.workspace.settings.value;
  return (
    <div class="filters">
      <div class="segments" role="group" aria-label={w.conversations}>
        {WHOSE.map((who) => (
          <button type="button" key={who} aria-pressed={filter.who === who} data-testid={`filter-${who}`} onClick={() => desk.listing.show({ who })}>
            {w[who]}{who !== "all" && sums[who] > 0 && <b class={`count is-${who}`}>{count(sums[who])}</b>}
          </button>
        ))}
      </div>
      <div class="narrow">
        <select class="which" value={filter.status} aria-label={w.which} data-testid="filter-status" disabled={filter.who === "missed"}
          onChange={(event) => desk.listing.show({ status: event.currentTarget.value as Filter["status"] })}>
          <option value="open">{w.openOnes}</option>
          <option value="closed">{w.closedOnes}</option>
          <option value="erased">{w.erasedOnes}</option>
        </select>
        {departments.length > 0 && (
          <select class="which" value={filter.department} aria-label={w.department} data-testid="filter-department"
            onChange={(event) => desk.listing.show({ department: event.currentTarget.value })}>
            <option value="">{w.anyDepartment}</option>
            {departments.map(({ department, name }) => <option value={department}>{name}</option>)}
          </select>
        )}
      </div>
    </div>
  );
}

function Items({ desk }: { desk: Desk }) {
  const w = words();
  const items = desk.listing.shown.value;
  const filter = desk.listing.filter.value;
  const { box, from, upto, moved } = useWindow(items.length, ROW_PX);
  const chosen = desk.front.active.value;
  useChosen(box, chosen, items.findIndex((item) => item.id === chosen), ROW_PX);
  const searched = filter.text.trim() !== "";
  return (
    <div ref={box} class="items" data-testid="list" data-count={items.length} onScroll={moved}>
      {items.length === 0 && !searched && <Nothing filter={filter} />}
      {items.length === 0 && searched && desk.finding.state.value === "idle" && <Empty title={w.emptyFound} testid="list-empty" />}
      <div class="rows" role="list" aria-label={w.conversations} style={{ height: `${items.length * ROW_PX}px` }}>
        {items.slice(from, upto).map((item, i) => <Row key={item.id} desk={desk} item={item} at={from + i} of={items.length} />)}
      </div>
      {desk.listing.more.value && (
        <button type="button" class="more" onClick={() => void desk.listing.loadMore()}>{w.more}</button>
      )}
      {searched && <Found desk={desk} listed={items.length} />}
    </div>
  );
}

function Nothing({ filter }: { filter: Filter }) {
  const w = words();
  if (filter.who === "missed") return <Empty title={w.emptyMissed} text={w.emptyMissedText} testid="list-empty" />;
  if (filter.status !== "open" || filter.department) return <Empty title={w.emptyPast} testid="list-empty" />;
  if (filter.who === "mine") return <Empty title={w.emptyMine} testid="list-empty" />;
  if (filter.who === "unassigned") return <Empty title={w.emptyUnassigned} testid="list-empty" />;
  return <Empty title={w.emptyAll} text={w.emptyAllText} testid="list-empty" />;
}
