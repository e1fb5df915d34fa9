/** A choice of emoji by hand: those that are used in conversations with a shop, by arrow keys too. */
import type { Model } from "../model";
import { GROUPS } from "./emoji-list";
import { fieldOf, grow } from "./composer";

const COLUMNS = 7;
const STEPS: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS };

export function Picker({ model }: { model: Model }) {
  const { words, emoji } = model;
  const lately = emoji.lately.value;
  const take = (event: Event) => {
    const sign = (event.target as HTMLElement).closest("button")?.textContent;
    if (sign) insert(model, fieldOf(event), sign);
  };
  return (
    <div class="emoji" role="group" aria-label={words.emoji} data-testid="emoji-picker" onClick={take} onKeyDown={(event) => move(event, model)}>
      {lately.length > 0 && <Group title={words.emojiRecent} signs={lately} />}
      {Object.entries(GROUPS).map(([name, signs]) => (
        <Group key={name} title={words.emojiGroups[name as keyof typeof GROUPS]} signs={signs} first={name === "smileys"} />
      ))}
    </div>
  );
}

function Group({ title, signs, first = false }: { title: string; signs: string[]; first?: boolean }) {
  return (
    <>
      <div class="emoji-title">{title}</div>
      <div class="emoji-grid">
        {signs.map((sign, i) => <button type="button" key={sign} ref={first && i === 0 ? focused : null}>{sign}</button>)}
      </div>
    </>
  );
}

function focused(button: HTMLElement | null): void {
  button?.focus({ preventScroll: true });
}

function move(event: KeyboardEvent, model: Model): void {
  const box = event.currentTarget as HTMLElement;
  if (event.key === "Escape") {
    event.stopPropagation();
    const field = fieldOf(event);
    model.emoji.close();
    return field.focus();
  }
  const step = STEPS[event.key];
  if (!step) return;
  event.preventDefault();
  const all = [...box.querySelectorAll("button")];
  const at = all.indexOf(event.target as HTMLButtonElement);
  all[Math.min(all.length - 1, Math.max(0, at + step))]?.focus();
}

/** At the place where one writes, as if it was typed. */
function insert(model: Model, field: HTMLTextAreaElement, sign: string): void {
  field.setRangeText(sign, field.selectionStart, field.selectionEnd, "end");
  model.composing.write(field.value);
  model.emoji.used(sign);
  grow(field);
}
