/** Who is at the other end, the language, and the way out. */
import { fill } from "../../i18n/pick";
import type { Model } from "../model";
import { TAGS, named } from "../state/tongue";
import { Icon } from "./icons";

export function Header({ model }: { model: Model }) {
  const { words, visitor } = model;
  const view = model.view.value;
  const agent = view.status === "open" ? view.agent : null;
  const name = model.own("title") || model.place.site.value.name || visitor.name.value || words.title;
  // A page that is nothing but the chat has its name for a heading.
  const Name = model.place.channel === "link" ? "h1" : "strong";
  return (
    <div class="header">
      <div class="face" aria-hidden="true">{[...(agent?.name ?? name)][0]?.toUpperCase()}</div>
      <div class="who">
        <Name dir="auto" class="title" data-testid="header-name">{name}</Name>
        <span dir="auto" class="subtitle" data-testid="header-agent">{agent ? fill(words.served, { name: agent.name ?? words.team }) : model.waiting.alone.value ? words.notHere : model.own("subtitle") || words.subtitle}</span>
      </div>
      <Language model={model} />
      {view.status === "open" && (
        <button class="icon" data-testid="end" title={words.end} aria-label={words.end} aria-expanded={model.asking.value} onClick={() => (model.asking.value = !model.asking.value)}>
          <Icon name="end" />
        </button>
      )}
      {!model.stage.fixed && (
        <button class="icon" data-testid="close" aria-label={words.close} onClick={() => model.toggle(false)}>
          <Icon name="close" />
        </button>
      )}
      {model.asking.value && view.status === "open" && <Asking model={model} />}
    </div>
  );
}

/** The browser's own choice of one in a list, under a sign: it works with every keyboard and on every phone. */
function Language({ model }: { model: Model }) {
  const { words, tongue } = model;
  return (
    <label class="icon language">
      <Icon name="globe" />
      <select aria-label={words.language} data-testid="language" value={tongue.tag} onChange={(event) => void tongue.choose(event.currentTarget.value)}>
        {TAGS.map((tag) => <option key={tag} value={tag} lang={tag}>{named(tag)}</option>)}
      </select>
    </label>
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
