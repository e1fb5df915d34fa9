/** The button and the window, and the focus that moves between them. */
import { fill } from "../../i18n/pick";
import type { Model } from "../model";
import { Composer } from "./composer";
import { Ended } from "./ended";
import { Header } from "./header";
import { Icon } from "./icons";
import { Log } from "./log";

export function Widget({ model }: { model: Model }) {
  const open = model.open.value;
  return (
    <div class={`parley ${open ? "is-open" : ""} ${model.inline ? "is-inline" : ""}`} lang={model.language}>
      {open && <Window model={model} />}
      {!model.inline && <Launcher model={model} />}
    </div>
  );
}

function Launcher({ model }: { model: Model }) {
  const { words } = model;
  const unread = model.unread.value;
  const open = model.open.value;
  const label = open ? words.close : unread ? fill(words.openUnread, { n: unread }) : words.open;
  return (
    <button class="launcher" data-testid="launcher" aria-label={label}
      aria-expanded={open} onClick={() => model.toggle()}>
      <Icon name={open ? "down" : "chat"} fill={!open} />
      {!open && unread > 0 && <span class="badge" data-testid="badge" aria-hidden="true">{unread > 9 ? "9+" : unread}</span>}
    </button>
  );
}

function Window({ model }: { model: Model }) {
  return (
    <div ref={model.fit} class="window" role="dialog" aria-label={model.words.title} data-testid="window" onKeyDown={(event) => escape(event, model)}>
      <Header model={model} />
      <Line model={model} />
      <Log model={model} />
      {model.closed.value && <Ended model={model} />}
      <Composer model={model} />
    </div>
  );
}

function escape(event: KeyboardEvent, model: Model): void {
  if (event.key !== "Escape" || event.isComposing || model.inline) return;
  event.stopPropagation();
  const root = (event.currentTarget as HTMLElement).getRootNode() as ShadowRoot;
  model.toggle(false);
  root.querySelector<HTMLElement>(".launcher")?.focus();
}

/** What the line is doing, said humanly; drawn only when it is not simply well. */
function Line({ model }: { model: Model }) {
  const line = model.line.value;
  return (
    <div class={`line line-${line}`} role="status" data-testid="conn-state" data-state={line}>
      <span>{model.words[line]}</span>
    </div>
  );
}
