/** Where words are written. Nothing here may send what an input method is still composing. */
import { fill } from "../../i18n/pick";
import { LIMIT, type Model } from "../model";
import { Icon } from "./icons";

const WARN = 500;

export function Composer({ model }: { model: Model }) {
  const { words } = model;
  const send = (event: Event) => {
    event.preventDefault();
    model.say();
    const field = (event.currentTarget as HTMLElement).closest("form")!.querySelector("textarea")!;
    field.focus();
    grow(field);
  };
  return (
    <form class="composer" onSubmit={send}>
      <div class="field">
        <textarea ref={model.asked ? ready : grow} rows={1} value={model.draft.value} placeholder={words.placeholder}
          aria-label={words.placeholder} data-testid="composer" enterkeyhint="send"
          onInput={(event) => (model.write(event.currentTarget.value), grow(event.currentTarget))}
          onKeyDown={(event) => submits(event) && send(event)}
          onBlur={() => model.typing(false)} />
        <button class="send" data-testid="send" aria-label={words.send} disabled={!model.ready.value}><Icon name="send" /></button>
      </div>
      <Limit model={model} />
    </form>
  );
}

function Limit({ model }: { model: Model }) {
  const left = LIMIT - model.length.value;
  const text = left < 0 ? fill(model.words.tooLong, { n: -left }) : left < WARN ? fill(model.words.left, { n: left }) : "";
  return <div class={`limit ${left < 0 ? "is-over" : ""}`} role="status" data-testid="limit">{text}</div>;
}

/** 229 is what some browsers say for the Enter that ends a composition. */
function submits(event: KeyboardEvent): boolean {
  return event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229;
}

function ready(field: HTMLTextAreaElement | null): void {
  grow(field);
  field?.focus({ preventScroll: true });
}

function grow(field: HTMLTextAreaElement | null): void {
  if (!field) return;
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight, 140)}px`;
}
