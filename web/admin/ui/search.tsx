/** Everything that was ever said, by its words. */
import { useState } from "preact/hooks";
import { fill } from "../../i18n/pick";
import { Empty, Face, Icon, visitorName } from "../../staff/bits";
import { prefs, said } from "../../staff/prefs";
import type { Hit } from "../state/api";
import type { Console } from "../state/console";
import { momentText } from "../state/format";
import { PLAIN, SENDERS, print, type Asked, type Dimension } from "../state/place";
import { words } from "../state/prefs";
import type { Hits } from "../state/search";
import { pieces } from "../state/snippets";
import { Choice, Failed, InputField, problemText } from "./bits";
import { offered } from "./controls";

interface Props {
  shown: Console;
  asked: Asked;
}

const NARROWED: Dimension[] = ["agent", "department", "source", "tag"];

export function SearchPage({ shown, asked }: Props) {
  const w = words();
  const { state, value, error } = shown.search.found.now.value;
  return (
    <article class="search-page" aria-busy={state === "loading"} data-testid="search" data-state={state}>
      <header class="report-head"><div><h1 tabIndex={-1}>{w.search}</h1></div></header>
      <Box shown={shown} asked={asked} />
      {state === "idle" && <Empty title={w.searchEmpty} text={w.searchEmptyText} />}
      {state === "loading" && <div class="skeleton" role="status" aria-label={said().loading}>{[1, 2, 3].map((one) => <i key={one} class="hit" />)}</div>}
      {state === "failed" && <Failed error={error} again={() => shown.search.ask(asked, true)} />}
      {state === "ready" && value && <Results shown={shown} hits={value} />}
    </article>
  );
}

function Box({ shown, asked }: Props) {
  const w = words();
  const [text, setText] = useState(asked.q);
  const [known, setKnown] = useState(asked.q);
  if (known !== asked.q) [setKnown, setText].forEach((set) => set(asked.q));
  const look = (change: Partial<Asked>) => shown.go({ page: "search", asked: { ...asked, q: text.trim(), ...change } });
  // The same question again is a question too: something may have been said meanwhile.
  const go = () => (text.trim() === asked.q ? shown.search.ask(asked, true) : look({}));
  const choices = (dimension: Dimension) => void shown.reports.choose(dimension, { ...PLAIN, range: "year" });
  return (
    <form role="search" class="controls" onSubmit={(event) => (event.preventDefault(), go())}>
      <div class="control-row">
        <label class="search is-wide">
          <Icon name="find" />
          <input type="search" value={text} placeholder={w.searchFor} aria-label={w.searchLabel} maxLength={200} autoFocus data-testid="search-words"
            onInput={(event) => setText(event.currentTarget.value)} />
        </label>
        <button type="submit" class="primary" data-testid="search-go">{w.go}</button>
      </div>
      <div class="control-row">
        <InputField label={w.from} type="date" value={asked.from ?? ""} testid="search-from" change={(from) => look({ from })} />
        <InputField label={w.until} type="date" value={asked.to ?? ""} testid="search-until" change={(to) => look({ to })} />
        <Choice label={w.sender} value={asked.sender ?? ""} testid="search-sender" choose={(sender) => look({ sender })}
          options={[["", w.anySender], ...SENDERS.map((one): [string, string] => [one, w.senders[one]!])]} />
        {NARROWED.map((dimension) => (
          <Choice key={dimension} label={w.dimensions[dimension]!} value={asked[dimension] ?? ""} testid={`search-${dimension}`}
            opened={() => choices(dimension)} choose={(value) => look({ [dimension]: value })} options={offered(shown, dimension)} />
        ))}
      </div>
    </form>
  );
}

function Results({ shown, hits }: { shown: Console; hits: Hits }) {
  const w = words();
  const { loading, error } = shown.search.more.value;
  const none = hits.items.length === 0;
  return (
    <section class="hits" aria-label={w.search}>
      <p class="quiet" role="status" data-testid="search-count">{!none && fill(w.found, { n: `${hits.items.length}${hits.next ? "+" : ""}` })}</p>
      {none && <Empty title={hits.complete ? w.nothingFound : w.nothingYet} {...(hits.complete ? { text: w.nothingFoundText } : {})} testid="search-none" />}
      <ol>{hits.items.map((hit) => <li key={`${hit.conversation}-${hit.version}`}><HitRow hit={hit} /></li>)}</ol>
      {!hits.complete && <p class="stopped" data-testid="search-stopped">{w.stopped}</p>}
      {error !== undefined && <p class="problem" role="alert">{problemText(error)}</p>}
      {hits.next ? (
        <button type="button" class="plain is-more" disabled={loading} data-testid="search-more" onClick={() => void shown.search.goOn()}>{hits.complete ? w.moreHits : w.goOn}</button>
      ) : !none && <p class="quiet hits-end">{w.allShown}</p>}
    </section>
  );
}

function HitRow({ hit }: { hit: Hit }) {
  const w = words();
  const visitor = visitorName(hit.visitor, hit.visitor_name);
  const sender = hit.sender.role === "visitor" ? visitor : (hit.sender.name ?? w.senders[hit.sender.role] ?? hit.sender.role);
  return (
    <a class={`hit is-${hit.kind}`} href={print({ page: "conversation", id: hit.conversation, at: null, said: hit.version })} data-testid="hit" data-conversation={hit.conversation}>
      <Face name={sender} id={hit.sender.id} />
      <span class="hit-body">
        <span class="hit-head">
          <strong>{sender}</strong>
          {hit.kind === "note" && <span class="chip is-note">{w.noteHit}</span>}
          {hit.sender.role !== "visitor" && <span class="quiet">{visitor}</span>}
          <time dateTime={hit.at}>{momentText(hit.at, prefs.value.language)}</time>
        </span>
        <span class="hit-text" data-testid="snippet">{pieces(hit.snippet).map((piece, i) => (piece.hit ? <mark key={i}>{piece.text}</mark> : piece.text))}</span>
      </span>
    </a>
  );
}
