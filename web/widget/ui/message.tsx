/** One message with where it stands on its way, or one line that the system says. */
import type { Item } from "../../client/thread";
import { clock, fill } from "../../i18n/pick";
import { Text } from "../../i18n/text";
import type { Model } from "../model";

interface Props {
  model: Model;
  item: Item;
  first: boolean;
  last: boolean;
  /** The newest of all: its fate is worth a word even when it is well. */
  final: boolean;
}

export function Message({ model, item, first, last, final }: Props) {
  const { words } = model;
  const own = item.actor.role === "visitor";
  const name = own ? words.you : item.actor.name || words.team;
  return (
    <div class={`message ${own ? "own" : "theirs"} ${first ? "is-first" : ""} ${last ? "is-last" : ""} is-${item.state}`}
      role="group" aria-label={name} data-testid="message" data-state={item.state} data-id={item.id} data-role={item.actor.role}>
      {first && !own && <div class="name">{name}</div>}
      <div class={`bubble ${item.erased ? "is-erased" : ""}`} data-testid="message-text">
        {item.erased ? words.erased : item.text ? <Text text={item.text} /> : words.file}
      </div>
      {item.state === "refused" ? <Refused model={model} item={item} /> : last && <Meta model={model} item={item} own={own} final={final} />}
    </div>
  );
}

function Meta({ model, item, own, final }: { model: Model; item: Item; own: boolean; final: boolean }) {
  const { words, language } = model;
  const fate = own && (final || item.state === "sending") ? words[item.state as "sending" | "sent" | "read"] : "";
  return (
    <div class="meta">
      <time dateTime={item.at}>{clock(item.at, language)}</time>
      {fate && <span> · {fate}</span>}
    </div>
  );
}

function Refused({ model, item }: { model: Model; item: Item }) {
  const { words, visitor } = model;
  const why = words.reasons[item.reason?.code ?? ""] ?? words.reasons["other"];
  return (
    <div class="meta is-refused" role="alert" data-testid="refused">
      <span>{words.refused}. {why}</span>
      <button data-testid="retry" onClick={() => void visitor.client.outbox.again(item.id)}>{words.retry}</button>
      <button data-testid="discard" onClick={() => void visitor.client.outbox.discard(item.id)}>{words.discard}</button>
    </div>
  );
}

export function System({ model, item }: { model: Model; item: Item }) {
  const { words } = model;
  const name = String(item.data?.["name"] ?? "") || item.actor.name || words.team;
  const texts: Record<string, string> = {
    "conversation.assigned": fill(words.joined, { name }),
    "conversation.transferred": fill(words.joined, { name }),
    "conversation.closed": words.closedLine,
    "conversation.reopened": words.reopenedLine,
  };
  return <div class="system" data-testid="system" data-type={item.type}>{texts[item.type]}</div>;
}
