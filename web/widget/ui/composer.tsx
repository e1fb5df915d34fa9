/** Where words are written, emoji chosen and files taken. Nothing here may send what an input method is still composing. */
import { count } from "../../i18n/pick";
import type { Model } from "../model";
import { LIMIT } from "../state/composing";
import { Icon } from "./icons";

const WARN = 500;

export function Composer({ model }: { model: Model }) {
  const { words, composing } = model;
  const placeholder = model.own("placeholder") || words.placeholder;
  const send = (event: Event) => {
    event.preventDefault();
    model.say();
    const field = fieldOf(event);
    field.focus();
    grow(field);
  };
  return (
    <form class="composer" onSubmit={send}>
      {model.emoji.Picker.value && <model.emoji.Picker.value model={model} />}
      <div class="field">
        <textarea ref={model.stage.asked ? ready : grow} rows={1} dir="auto" value={composing.draft.value} placeholder={placeholder}
          aria-label={placeholder} data-testid="composer" enterkeyhint="send"
          onInput={(event) => (composing.write(event.currentTarget.value), grow(event.currentTarget))}
          onKeyDown={(event) => submits(event) && send(event)} onPaste={(event) => pasted(event, model)}
          onBlur={() => composing.typing(false)} />
        {model.appearance.emoji && <Emoji model={model} />}
        {model.takesFiles && <Attach model={model} />}
        <button class="send" data-testid="send" aria-label={words.send} disabled={!composing.ready.value}><Icon name="send" /></button>
      </div>
      <Limit model={model} />
    </form>
  );
}

function Emoji({ model }: { model: Model }) {
  const open = model.emoji.Picker.value !== null;
  return (
    <button type="button" class="tool" data-testid="emoji" aria-label={open ? model.words.emojiClose : model.words.emoji} aria-expanded={open} onClick={() => void model.emoji.toggle()}>
      <Icon name="smile" />
    </button>
  );
}

function Attach({ model }: { model: Model }) {
  const choose = (event: MouseEvent) => (event.currentTarget as HTMLElement).parentElement!.querySelector<HTMLInputElement>("input")!.click();
  const take = (input: HTMLInputElement) => {
    model.files.add([...(input.files ?? [])]);
    input.value = "";
  };
  return (
    <span class="attach">
      <input type="file" multiple hidden data-testid="file-input" onChange={(event) => take(event.currentTarget)} />
      <button type="button" class="tool" data-testid="attach" aria-label={model.words.attach} onClick={choose}><Icon name="clip" /></button>
    </span>
  );
}

function Limit({ model }: { model: Model }) {
  const { words, tongue } = model;
  const left = LIMIT - model.composing.length.value;
  const text = left < 0 ? count(words.tooLong, -left, tongue.tag) : left < WARN ? count(words.room, left, tongue.tag) : "";
  return <div class={`limit ${left < 0 ? "is-over" : ""}`} role="status" data-testid="limit">{text}</div>;
}

/** A picture on the clipboard is sent; words with a picture of them beside, as some programs copy them, stay words. */
function pasted(event: ClipboardEvent, model: Model): void {
  const files = [...(event.clipboardData?.files ?? [])];
  if (!model.takesFiles || files.length === 0 || event.clipboardData!.types.includes("text/plain")) return;
  event.preventDefault();
  model.files.add(files);
}

/** 229 is what some browsers say for the Enter that ends a composition. */
function submits(event: KeyboardEvent): boolean {
  return event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229;
}

export function fieldOf(event: Event): HTMLTextAreaElement {
  return (event.currentTarget as HTMLElement).closest("form")!.querySelector("textarea")!;
}

function ready(field: HTMLTextAreaElement | null): void {
  grow(field);
  field?.focus({ preventScroll: true });
}

export function grow(field: HTMLTextAreaElement | null): void {
  if (!field) return;
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight, 140)}px`;
}
