/** Who is at the other end, and the way out. */
import { fill } from "../../i18n/pick";
import type { Model } from "../model";
import { Icon } from "./icons";

export function Header({ model }: { model: Model }) {
  const { words, visitor } = model;
  const view = model.view.value;
  const agent = view.status === "open" ? view.agent : null;
  const name = visitor.name.value || words.title;
  return (
    <header class="header">
      <div class="face" aria-hidden="true">{(agent?.name ?? name).slice(0, 1).toUpperCase()}</div>
      <div class="who">
        <strong data-testid="header-name">{name}</strong>
        <span data-testid="header-agent">{agent ? fill(words.served, { name: agent.name ?? words.team }) : words.subtitle}</span>
      </div>
      {view.status === "open" && (
        <button class="icon" data-testid="end" aria-label={words.end} onClick={() => (model.asking.value = !model.asking.value)}>
          <Icon name="more" />
        </button>
      )}
      {!model.inline && (
        <button class="icon" data-testid="close" aria-label={words.close} onClick={() => model.toggle(false)}>
          <Icon name="close" />
        </button>
      )}
      {model.asking.value && view.status === "open" && <Asking model={model} />}
    </header>
  );
}

function Asking({ model }: { model: Model }) {
  const { words } = model;
  return (
    <div class="asking" role="alertdialog" aria-label={words.endAsk}>
      <p>{words.endAsk}</p>
      <button class="plain" onClick={() => (model.asking.value = false)}>{words.endNo}</button>
      <button class="firm" data-testid="end-confirm" onClick={() => model.end()}>{words.endYes}</button>
    </div>
  );
}
