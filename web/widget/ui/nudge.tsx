/** Beside the button: what a welcome rule says, or what came while the window was closed. */
import type { Model } from "../model";

const LONG = 240;

export function Nudge({ model }: { model: Model }) {
  const { words } = model;
  const nudge = model.nudges.now.value;
  return (
    <section class="nudge" aria-label={words.nudge} aria-live="polite" data-testid="nudge" hidden={!nudge}>
      {nudge && (
        <>
          <button class="nudge-text" data-testid="nudge-open" onClick={() => model.toggle(true)}>
            <span class="name">{nudge.name}</span>
            <span class="nudge-words" dir="auto" data-testid="nudge-text">{cut(nudge.text)}</span>
          </button>
          <button class="nudge-close" data-testid="nudge-close" aria-label={words.dismiss} onClick={(event) => hush(event, model)}>×</button>
        </>
      )}
    </section>
  );
}

/** The focus stays beside what is gone. */
function hush(event: MouseEvent, model: Model): void {
  const root = (event.currentTarget as HTMLElement).getRootNode() as ShadowRoot;
  model.nudges.hush();
  root.querySelector<HTMLElement>(".launcher")?.focus();
}

function cut(text: string): string {
  const signs = [...text];
  return signs.length > LONG ? `${signs.slice(0, LONG).join("")}…` : text;
}
