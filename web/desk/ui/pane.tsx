/** The conversations that are open, one of them in front. */
import { Empty, Icon, Tool } from "../../staff/bits";
import { isUnread } from "../state/inbox";
import type { Desk } from "../state/desk";
import { info, showInfo, words } from "../state/prefs";
import { Actions } from "./actions";
import { Composer } from "./composer";
import { Info } from "./info";
import { Lines } from "./lines";
import { VisitorFace, visitorName } from "./visitor";

export function Pane({ desk }: { desk: Desk }) {
  const w = words();
  const id = desk.active.value;
  return (
    <section class="pane" aria-label={w.conversations}>
      <Tabs desk={desk} />
      {id ? <Conversation key={id} desk={desk} id={id} /> : <Empty title={w.pick} text={w.pickText} testid="pane-empty" />}
    </section>
  );
}

function Tabs({ desk }: { desk: Desk }) {
  const w = words();
  if (desk.tabs.value.length === 0) return null;
  return (
    <div class="tabs" role="tablist">
      {desk.tabs.value.map((id) => {
        const item = desk.listing.get(id);
        const active = desk.active.value === id;
        const unread = item !== undefined && isUnread(item, desk.me.agent);
        return (
          <div key={id} class={`tab ${active ? "is-active" : ""} ${unread ? "is-unread" : ""}`}>
            <button type="button" role="tab" aria-selected={active} data-testid="tab" data-conversation={id} onClick={() => (desk.active.value = id)}>
              {unread && <i class="unread" />}{visitorName(item)}
            </button>
            <button type="button" class="tab-close" aria-label={w.closeTab} data-testid="tab-close" onClick={() => desk.shut(id)}><Icon name="close" /></button>
          </div>
        );
      })}
    </div>
  );
}

function Conversation({ desk, id }: { desk: Desk; id: string }) {
  const w = words();
  const item = desk.listing.get(id);
  const view = desk.transcript(id);
  const status = view.status === "erased" ? "erased" : (item?.status ?? view.status);
  const shown = info.value;
  const assignee = item?.assignee ?? view.agent?.id ?? null;
  const served = assignee === desk.me.agent ? w.you : (desk.roster.nameOf(assignee) ?? item?.assignee_name ?? view.agent?.name ?? w.unassigned);
  return (
    <div class={`conversation ${shown ? "has-info" : ""}`} data-testid="conversation" data-conversation={id}>
      <div class="talk">
        <header class="talk-head">
          <span class="only-phone"><Tool icon="back" label={w.back} testid="back" onClick={() => (desk.active.value = null)} /></span>
          <VisitorFace item={item} id={id} />
          <div class="talk-who">
            <strong>{visitorName(item)}</strong>
            <span><i class={`dot dot-${status}`} />{state(status)} · {served}</span>
          </div>
          <Actions desk={desk} id={id} status={status} assignee={assignee} />
          <Tool icon="side" label={shown ? w.hideDetails : w.details} testid="info-toggle" active={shown} onClick={() => showInfo(!shown)} />
        </header>
        <Lines desk={desk} id={id} />
        {status === "erased" ? <p class="erased" data-testid="erased">{w.erasedText}</p> : <Composer desk={desk} id={id} />}
      </div>
      {shown && <Info desk={desk} id={id} item={item} />}
    </div>
  );
}

function state(status: string): string {
  const w = words();
  if (status === "erased") return w.erasedOnes;
  return status === "closed" ? w.closedOnes : w.openOnes;
}
