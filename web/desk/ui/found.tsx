/** What was said somewhere in the words that are looked for. */
import { visitorName } from "../../staff/bits";
import type { Hit } from "../state/api";
import type { Desk } from "../state/desk";
import { cut } from "../state/finding";
import { words } from "../state/prefs";
import { when } from "./row";

export function Found({ desk, listed }: { desk: Desk; listed: number }) {
  const w = words();
  const { state, hits, next } = desk.finding;
  if (state.value === "idle") return null;
  const none = state.value === "done" && hits.value.length === 0;
  return (
    <section class="found" aria-label={w.inMessages} data-testid="found" data-state={state.value}>
      <h2>{w.inMessages}</h2>
      {hits.value.map((hit) => <FoundOne key={`${hit.conversation}/${hit.version}`} desk={desk} hit={hit} />)}
      {state.value === "busy" && <p class="quiet" role="status">{w.searching}</p>}
      {state.value === "failed" && <p class="quiet" role="alert">{w.searchFailed} <button type="button" class="more" onClick={() => void desk.finding.more()}>{w.retry}</button></p>}
      {none && <p class="quiet" data-testid={listed === 0 ? "list-empty" : "found-none"}>{listed === 0 ? w.emptyFound : w.foundNone}</p>}
      {state.value === "done" && next.value && <button type="button" class="more" onClick={() => void desk.finding.more()}>{w.more}</button>}
    </section>
  );
}

function FoundOne({ desk, hit }: { desk: Desk; hit: Hit }) {
  const w = words();
  const whose = hit.sender.role === "visitor" ? visitorName(hit.visitor, hit.visitor_name) : (hit.sender.name ?? w.somebody);
  return (
    <button type="button" class={`found-one ${hit.kind === "note" ? "is-note" : ""}`} data-testid="found-one" data-conversation={hit.conversation}
      onClick={() => void desk.front.openAt(hit.conversation, hit.version)}>
      <span class="row-top"><strong>{visitorName(hit.visitor, hit.visitor_name)}</strong><time dateTime={hit.at}>{when(hit.at)}</time></span>
      <span class="found-text">{hit.kind === "note" && <i class="chip is-note">{w.note}</i>}{whose}: {cut(hit.snippet).map((piece, i) => (i % 2 ? <mark>{piece}</mark> : piece))}</span>
    </button>
  );
}
