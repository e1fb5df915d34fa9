/** Where an agent writes, to the visitor or to the team; which of the two must never be in doubt. */
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../../staff/bits";
import type { Desk } from "../state/desk";
import { words } from "../state/prefs";

const LIMIT = 10_000;
const TYPING_EVERY_MS = 3_000;

export function Composer({ desk, id }: { desk: Desk; id: string }) {
  const w = words();
  const field = useRef<HTMLTextAreaElement>(null);
  const typed = useRef(0);
  const [draft, setDraft] = useState(desk.drafts.get(id));
  const over = [...draft.text].length - LIMIT;
  const ready = draft.text.trim() !== "" && over <= 0;
  useEffect(() => (grow(field.current!), focusWhereWide(field.current!)), []);
  const keep = (change: Partial<typeof draft>) => {
    const next = { ...draft, ...change };
    desk.drafts.set(id, next);
    setDraft(next);
    requestAnimationFrame(() => field.current && grow(field.current));
  };
  const typing = (on: boolean) => {
    const now = Date.now();
    if (draft.note || (on ? now - typed.current < TYPING_EVERY_MS : typed.current === 0)) return;
    typed.current = on ? now : 0;
    desk.client.typing(id, on);
  };
  const send = () => {
    if (!ready) return;
    typing(false);
    desk.do("post", id, { body: { text: draft.text.trim() }, ...(draft.note ? { note: true } : {}) });
    keep({ text: "" });
    field.current?.focus();
  };
  return (
    <form class={`composer ${draft.note ? "is-note" : ""}`} onSubmit={(event) => (event.preventDefault(), send())}>
      <div class="modes" role="group">
        <button type="button" aria-pressed={!draft.note} data-testid="mode-message" onClick={() => (keep({ note: false }), field.current?.focus())}>{w.message}</button>
        <button type="button" aria-pressed={draft.note} data-testid="mode-note" onClick={() => (keep({ note: true }), field.current?.focus())}>{w.note}</button>
      </div>
      <textarea ref={field} rows={2} value={draft.text} data-testid="composer" placeholder={draft.note ? w.noteHere : w.messageHere}
        aria-label={draft.note ? w.noteHere : w.messageHere}
        onInput={(event) => (keep({ text: event.currentTarget.value }), typing(event.currentTarget.value !== ""))}
        onBlur={() => typing(false)}
        onKeyDown={(event) => submits(event) && (event.preventDefault(), send())} />
      <div class="composer-foot">
        <span class={over > 0 ? "is-over" : "hint"} role="status">{over > -500 ? `${LIMIT + over} / ${LIMIT}` : w.hint}</span>
        <button type="submit" class="primary" disabled={!ready} data-testid="send"><Icon name="send" />{draft.note ? w.addNote : w.send}</button>
      </div>
    </form>
  );
}

/** 229 is what some browsers say for the Enter that ends a composition. */
function submits(event: KeyboardEvent): boolean {
  return event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229;
}

/** On a phone the keyboard would cover what one came to read. */
function focusWhereWide(field: HTMLTextAreaElement): void {
  if (matchMedia("(min-width: 761px)").matches) field.focus();
}

function grow(field: HTMLTextAreaElement): void {
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight, 220)}px`;
}
