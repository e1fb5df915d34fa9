/** The messages, their days and groups, and a place at the bottom that is not lost by reading. */
import type { Item } from "../../client/thread";
import { day, fill } from "../../i18n/pick";
import type { Model } from "../model";
import { Message, System } from "./message";

const GROUP_MS = 5 * 60_000;

export function Log({ model }: { model: Model }) {
  const items = model.items.value.filter(worthShowing);
  const { attach, scrolled, toEnd, below } = model.scroll;
  return (
    <div class="log-frame">
      <div ref={attach} class="log" role="log" aria-live="polite" aria-label={model.words.log} tabIndex={0} data-testid="log" onScroll={scrolled}>
        <Top model={model} empty={items.length === 0} />
        {items.map((item, i) => <Row key={item.id} model={model} item={item} before={items[i - 1]} after={items[i + 1]} />)}
        <Typing model={model} />
      </div>
      {below.value && <button class="pill" onClick={toEnd}>{model.words.newMessages}</button>}
    </div>
  );
}

const SHOWN = new Set(["conversation.assigned", "conversation.transferred", "conversation.closed", "conversation.reopened"]);

function worthShowing(item: Item): boolean {
  return item.kind === "message" || (SHOWN.has(item.type) && (item.type !== "conversation.transferred" || item.data?.["name"] !== undefined));
}

function Top({ model, empty }: { model: Model; empty: boolean }) {
  const { words } = model;
  if (model.view.value.trimmed > 0) {
    return <button class="pill" disabled={model.loading.value} onClick={() => void model.earlier()}>{words.earlier}</button>;
  }
  return (
    <div class={`greeting ${empty ? "is-alone" : ""}`} data-testid="greeting">
      <strong>{words.greeting}</strong>
      <p>{words.greetingText}</p>
    </div>
  );
}

interface RowProps {
  model: Model;
  item: Item;
  before: Item | undefined;
  after: Item | undefined;
}

function Row({ model, item, before, after }: RowProps) {
  const { words, language } = model;
  const date = day(item.at, language, words.today, words.yesterday);
  const newDay = !before || day(before.at, language, words.today, words.yesterday) !== date;
  return (
    <>
      {newDay && <div class="day">{date}</div>}
      {item.kind === "system" ? <System model={model} item={item} /> : (
        <Message model={model} item={item} first={newDay || !together(before, item)} last={!after || !together(item, after)} final={!after} />
      )}
    </>
  );
}

function together(a: Item | undefined, b: Item): boolean {
  if (!a || a.kind !== "message" || b.kind !== "message") return false;
  return a.actor.role === b.actor.role && a.actor.id === b.actor.id && Date.parse(b.at) - Date.parse(a.at) < GROUP_MS;
}

function Typing({ model }: { model: Model }) {
  const typist = model.typist.value;
  if (!typist) return null;
  const name = typist.name || model.view.value.agent?.name || model.words.team;
  return (
    <div class="message theirs is-first is-last" data-testid="typing">
      <div class="bubble dots" role="img" aria-label={fill(model.words.typing, { name })}><i /><i /><i /></div>
    </div>
  );
}
