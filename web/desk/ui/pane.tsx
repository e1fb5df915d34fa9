/** The conversations that are open, one of them in front. */
import { useEffect, useRef, useState } from "preact/hooks";
import { Empty, Icon, Tool } from "../../staff/bits";
import type { Desk } from "../state/desk";
import { unsettled } from "../state/expected";
import { isUnread } from "../state/inbox";
import { info, showInfo, words } from "../state/prefs";
import { Actions } from "./actions";
import { Composer } from "./composer";
import { Info } from "./info";
import { Lines } from "./lines";
import { Unread } from "./row";
import { Viewer } from "./viewer";
import { VisitorFace, visitorName } from "./visitor";

export function Pane({ desk }: { desk: Desk }) {
  const w = words();
  const id = desk.front.active.value;
  return (
    <section class="pane" aria-label={w.open}>
      <Tabs desk={desk} />
      {id ? <Conversation key={id} desk={desk} id={id} /> : <Empty title={w.pick} text={w.pickText} testid="pane-empty" />}
    </section>
  );
}

function Tabs({ desk }: { desk: Desk }) {
  const w = words();
  const strip = useRef<HTMLDivElement>(null);
  const front = desk.front.active.value;
  useEffect(() => strip.current?.querySelector('[aria-current="true"]')?.scrollIntoView({ block: "nearest", inline: "nearest" }), [front]);
  if (desk.front.tabs.value.length === 0) return null;
  return (
    <div ref={strip} class="tabs" role="group" aria-label={w.tabs}>
      {desk.front.tabs.value.map((id) => {
        const item = desk.listing.get(id);
        const active = desk.front.active.value === id;
        const unread = item !== undefined && isUnread(item, desk.me.agent);
        return (
          <div key={id} class={`tab ${active ? "is-active" : ""} ${unread ? "is-unread" : ""} ${item?.missed ? "is-missed" : ""}`}>
            <button type="button" aria-current={active} data-testid="tab" data-conversation={id} onClick={() => (desk.front.active.value = id)}>
              <span>{visitorName(item)}</span>{unread && <Unread n={desk.talks.unread(id)} />}
            </button>
            <button type="button" class="tab-close" aria-label={`${w.closeTab}: ${visitorName(item)}`} data-testid="tab-close" onClick={() => desk.front.shut(id)}><Icon name="close" /></button>
          </div>
        );
      })}
    </div>
  );
}

function Conversation({ desk, id }: { desk: Desk; id: string }) {
  const w = words();
  const item = desk.listing.get(id);
  const view = desk.talks.transcript(id);
  const status = view.status === "erased" ? "erased" : (item?.status ?? view.status);
  const shown = info.value;
  const [dropping, setDropping] = useState(false);
  const dropped = (event: DragEvent) => {
    event.preventDefault();
    setDropping(false);
    if (status !== "erased") desk.attachments.add(id, event.dataTransfer?.files ?? []);
  };
  const over = (event: DragEvent) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    setDropping(true);
  };
  return (
    <div class={`conversation ${shown ? "has-info" : ""}`} data-testid="conversation" data-conversation={id}>
      <div class="talk" onDragOver={over} onDrop={dropped} onDragLeave={(event) => event.currentTarget === event.target && setDropping(false)}>
        <Head desk={desk} id={id} status={status} />
        <Strips desk={desk} id={id} />
        <Lines desk={desk} id={id} />
        {status === "erased" ? <p class="erased" data-testid="erased">{w.erasedText}</p> : <Composer desk={desk} id={id} closed={status === "closed"} />}
        {dropping && <div class="dropping" onDragLeave={() => setDropping(false)}><Icon name="clip" />{w.dropHere}</div>}
      </div>
      {shown && <Info desk={desk} id={id} item={item} />}
      <Viewer desk={desk} id={id} />
    </div>
  );
}

function Head({ desk, id, status }: { desk: Desk; id: string; status: string }) {
  const w = words();
  const item = desk.listing.get(id);
  const view = desk.talks.transcript(id);
  const shown = info.value;
  const assignee = item ? item.assignee : (view.agent?.id ?? null);
  const served = assignee === null ? w.unassigned : assignee === desk.me.agent ? w.you : (desk.roster.nameOf(assignee) ?? item?.assignee_name ?? view.agent?.name ?? w.somebody);
  return (
    <header class="talk-head">
      <span class="only-phone"><Tool icon="back" label={w.back} testid="back" onClick={() => (desk.front.active.value = null)} /></span>
      <VisitorFace item={item} id={id} />
      <div class="talk-who">
        <h1>{visitorName(item)}</h1>
        <span>
          <i class={`dot dot-${status}`} />{state(status)} · {served}
        </span>
      </div>
      <Actions desk={desk} id={id} status={status} assignee={assignee} />
      <Tool icon="side" label={shown ? w.hideDetails : w.details} testid="info-toggle" active={shown} onClick={() => showInfo(!shown)} />
    </header>
  );
}

/** What must not be overlooked. */
function Strips({ desk, id }: { desk: Desk; id: string }) {
  const w = words();
  const missed = desk.listing.get(id)?.missed;
  const waits = unsettled(desk.client.outbox.pending.value, id) && desk.client.phase.value !== "online";
  return (
    <div role="status">
      {missed && <p class="strip is-alert" data-testid="missed">{w.missedShort[missed] ?? w.missedOne}. {w.answerIt}</p>}
      {!missed && desk.talks.overdue(id) && <p class="strip is-late" data-testid="late">{w.late}</p>}
      {waits && <p class="strip is-late" data-testid="unsettled">{w.unsettled}</p>}
    </div>
  );
}

function state(status: string): string {
  const w = words();
  if (status === "erased") return w.erasedOnes;
  return status === "closed" ? w.closedOnes : w.openOnes;
}
