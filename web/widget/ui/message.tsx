/** One message with where it stands on its way, or one line that the system says. */
import type { Item } from "../../client/thread";
import { clock, fill } from "../../i18n/pick";
import { Text } from "../../i18n/text";
import type { Model } from "../model";
import { FileView } from "./file";
import { Icon } from "./icons";

interface Props {
  model: Model;
  item: Item;
  first: boolean;
  last: boolean;
  /** The visitor's newest: its fate is worth a word even when it is well. */
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
      <Content model={model} item={item} />
      {item.state === "refused" ? <Refused model={model} item={item} /> : last && <Meta model={model} item={item} own={own} final={final} />}
    </div>
  );
}

/** Nothing but a few emoji: those may be large. */
const SIGNS = /^(?=.*[\p{Extended_Pictographic}\u{1f1e6}-\u{1f1ff}])[\p{Extended_Pictographic}\p{Emoji_Modifier}\u{1f1e6}-\u{1f1ff}\u200d\ufe0f\u20e3]{1,16}$/u;

function Content({ model, item }: { model: Model; item: Item }) {
  if (item.file && !item.erased) return <FileView model={model} file={item.file} />;
  return (
    <div class={`bubble ${item.erased ? "is-erased" : SIGNS.test(item.text) ? "is-signs" : ""}`} dir="auto" data-testid="message-text">
      {item.erased ? model.words.erased : <Text text={item.text} />}
    </div>
  );
}

type Fate = "sending" | "sent" | "delivered" | "read";

function Meta({ model, item, own, final }: { model: Model; item: Item; own: boolean; final: boolean }) {
  const { words, tongue } = model;
  const fate = own && (final || item.state === "sending") ? words[item.state as Fate] : "";
  return (
    <div class="meta">
      <time dateTime={item.at}>{clock(item.at, tongue.tag)}</time>
      {fate && <span class={`fate is-${item.state}`}> · {fate} <Icon name={item.state as Fate} size={14} /></span>}
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

/** `before`: who served until then. */
export function System({ model, item, before }: { model: Model; item: Item; before: string }) {
  const { words } = model;
  const name = String(item.data?.["name"] ?? "") || item.actor.name || words.team;
  const comes = before && before !== name ? words.tookOver : words.joined;
  const served = item.data?.["agent"] ? fill(comes, { name, before }) : before ? fill(words.agentLeft, { name: before }) : words.agentLeftQueue;
  const texts: Record<string, string> = {
    "conversation.assigned": served,
    "conversation.transferred": served,
    "conversation.closed": words.closedLine,
    "conversation.reopened": words.reopenedLine,
  };
  return <div class="system" data-testid="system" data-type={item.type}>{texts[item.type]}</div>;
}
