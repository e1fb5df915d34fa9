/** The messages, their days and groups, and a place at the bottom that is not lost by reading. */
import type { Item } from "../../client/thread";
import { day, fill } from "../../i18n/pick";
import { Text } from "../../i18n/text";
import type { Model } from "../model";
import { Message, System } from "./message";
import { UploadView } from "./upload";

const GROUP_MS = 5 * 60_000;

export function Log({ model }: { model: Model }) {
  const items = model.items.value.filter(worthShowing);
  const mine = items.findLast((item) => item.kind === "message" && item.actor.role === "visitor");
  const { attach, scrolled, toEnd, below } = model.scroll;
  return (
    <div class="log-frame">
      <div ref={attach} class="log" role="log" aria-live="polite" aria-label={model.words.log} tabIndex={0} data-testid="log" onScroll={scrolled}>
        <Top model={model} empty={items.length === 0 && model.files.underWay.value.length === 0} />
        {items.map((item, i) => <Row key={item.id} model={model} item={item} before={items[i - 1]} after={items[i + 1]} newest={item === mine} served={served(items, i)} />)}
        {model.files.underWay.value.map((one, i) => <UploadView key={one.key} model={model} one={one} first={i === 0} />)}
        {model.nudges.asked.value && <Said text={model.nudges.asked.value.text} name={model.nudges.asked.value.agent.name} />}
        <Typing model={model} />
      </div>
      {below.value && <button class="pill" onClick={toEnd}>{model.words.newMessages}</button>}
    </div>
  );
}

const SHOWN = new Set(["conversation.assigned", "conversation.transferred", "conversation.closed", "conversation.reopened"]);

function worthShowing(item: Item): boolean {
  return item.kind === "message" || SHOWN.has(item.type);
}

/** Whose turn it was before this line. */
function served(items: Item[], i: number): string {
  if (items[i]!.kind === "message") return "";
  const last = items.slice(0, i).findLast((item) => item.type === "conversation.assigned" || item.type === "conversation.transferred");
  return String(last?.data?.["name"] ?? "");
}

function Top({ model, empty }: { model: Model; empty: boolean }) {
  const { words } = model;
  if (model.view.value.trimmed > 0) {
    const { conversation, trimmed } = model.view.value;
    const load = () => void model.earlier.load(conversation, trimmed, (change) => model.scroll.keep(change));
    return <button class="pill" disabled={model.earlier.loading.value} onClick={load}>{words.earlier}</button>;
  }
  const said = model.nudges.greeting.value;
  if (said) return <Said text={said} name={model.visitor.invitation.value?.agent.name} />;
  const own = model.own("greeting");
  return (
    <div class={`greeting ${empty ? "is-alone" : ""}`} data-testid="greeting">
      {!own && <strong>{words.greeting}</strong>}
      <p dir="auto">{own || words.greetingText}</p>
    </div>
  );
}

function Said({ text, name }: { text: string; name?: string | null | undefined }) {
  return (
    <div class="message theirs is-first is-last">
      {name && <div class="name">{name}</div>}
      <div class="bubble" dir="auto" data-testid="welcome"><Text text={text} /></div>
    </div>
  );
}

interface RowProps {
  model: Model;
  item: Item;
  before: Item | undefined;
  after: Item | undefined;
  /** The visitor's own last words. */
  newest: boolean;
  served: string;
}

function Row({ model, item, before, after, newest, served }: RowProps) {
  const { words } = model;
  const language = model.tongue.tag;
  const date = day(item.at, language, words.today, words.yesterday);
  const newDay = !before || day(before.at, language, words.today, words.yesterday) !== date;
  return (
    <>
      {newDay && <div class="day">{date}</div>}
      {item.kind === "system" ? <System model={model} item={item} before={served} /> : (
        <Message model={model} item={item} first={newDay || !together(before, item)} last={!after || !together(item, after)} final={newest} />
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
