/** Where an agent writes, to the visitor or to the team; which of the two must never be in doubt. */
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon, Tool } from "../../staff/bits";
import { plain } from "../../staff/plain";
import type { Desk } from "../state/desk";
import { opened } from "../state/opened";
import { words } from "../state/prefs";
import { asked, filled, type Asked } from "../state/replies";
import type { Reply } from "../state/settings";
import { Attached } from "./attached";
import { Emoji } from "./emoji";
import { Replies } from "./replies";

const LIMIT = 10_000;
const TYPING_EVERY_MS = 3_000;

export function Composer({ desk, id, closed }: { desk: Desk; id: string; closed: boolean }) {
  const w = words();
  const field = useRef<HTMLTextAreaElement>(null);
  const chosen = useRef<HTMLInputElement>(null);
  const typed = useRef(0);
  /** Whether the stroke was put in by the button, and goes with what it opened. */
  const lent = useRef(false);
  /** Whether it is to go as soon as the files are there. */
  const [soon, setSoon] = useState(false);
  const [draft, setDraft] = useState(desk.drafts.get(id));
  const [ask, setAsk] = useState<Asked | null>(null);
  const over = [...draft.text].length - LIMIT;
  const files = draft.note ? [] : desk.attachments.of(id);
  const arrived = files.every((one) => one.stored);
  const coming = files.every((one) => !one.problem);
  const ready = over <= 0 && arrived && (draft.text.trim() !== "" || files.length > 0);
  useEffect(() => (grow(field.current!), focusWhereWide(field.current!)), []);
  /** What is changed is not yet what was to go: it has to be sent anew. */
  const keep = (change: Partial<typeof draft>) => {
    setSoon(false);
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
    if (!ready) return setSoon(over <= 0 && !arrived && coming);
    typing(false);
    if (closed && !draft.note) desk.doings.reopen(id);
    if (draft.text.trim()) desk.doings.say(id, draft.text.trim(), draft.note);
    if (!draft.note) desk.attachments.take(id).forEach((file) => desk.doings.sendFile(id, file.file, file));
    keep({ text: "" });
    setAsk(null);
    field.current?.focus();
  };
  useEffect(() => (soon && ready ? send() : undefined), [soon, ready]);
  const forget = () => {
    if (lent.current && ask?.word === "") keep({ text: draft.text.slice(0, ask.from) + draft.text.slice(ask.from + 1) });
    setAsk(null);
  };
  /** In the place of the stroke and what was written behind it, or where the caret is. */
  const insert = (text: string, from = field.current!.selectionStart) => {
    const caret = field.current!.selectionEnd;
    keep({ text: draft.text.slice(0, from) + text + draft.text.slice(caret) });
    setAsk(null);
    requestAnimationFrame(() => {
      field.current?.focus();
      field.current?.setSelectionRange(from + text.length, from + text.length);
    });
  };
  const use = (reply: Reply) => {
    insert(filled(reply.text, valuesFor(desk, id)), ask?.from);
    if (reply.file && !draft.note) desk.attachments.addCommon(id, reply.file, reply.title);
  };
  const wrote = (target: HTMLTextAreaElement) => {
    keep({ text: target.value });
    typing(target.value !== "");
    lent.current &&= ask !== null;
    setAsk(desk.workspace.settings.value.replies.length > 0 ? asked(target.value, target.selectionStart) : null);
  };
  const pasted = (event: ClipboardEvent) => {
    const brought = [...(event.clipboardData?.files ?? [])];
    if (brought.length === 0 || draft.note) return;
    event.preventDefault();
    desk.attachments.add(id, brought);
  };
  const pick = (files: FileList | null) => {
    desk.attachments.add(id, files ?? []);
    chosen.current!.value = "";
    field.current?.focus();
  };
  const here = draft.note ? w.noteHere : closed ? w.closedHere : w.messageHere;
  const told = arrived ? w.hint : soon ? w.sendsSoon : w.uploading;
  return (
    <form class={`composer ${draft.note ? "is-note" : ""}`} onSubmit={(event) => (event.preventDefault(), send())}>
      {ask && <Replies desk={desk} conversation={id} word={ask.word} field={field} use={use} done={forget} />}
      <div class="modes" role="group" aria-label={w.whom}>
        <button type="button" aria-pressed={!draft.note} data-testid="mode-message" onClick={() => (keep({ note: false }), field.current?.focus())}>{w.message}</button>
        <button type="button" aria-pressed={draft.note} data-testid="mode-note" onClick={() => (keep({ note: true }), field.current?.focus())}>{w.note}</button>
      </div>
      <textarea ref={field} rows={2} value={draft.text} data-testid="composer" placeholder={here} aria-label={here}
        aria-autocomplete={ask ? "list" : "none"} aria-controls={ask ? "replies" : undefined}
        onInput={(event) => wrote(event.currentTarget)} onPaste={pasted} onBlur={() => typing(false)}
        onKeyDown={(event) => !event.defaultPrevented && submits(event) && (event.preventDefault(), send())} />
      <Attached desk={desk} files={files} />
      <div class="composer-foot">
        <div class="composer-tools">
          <input ref={chosen} type="file" multiple hidden data-testid="file-input" onChange={(event) => pick(event.currentTarget.files)} />
          {!draft.note && <Tool icon="clip" label={w.attach} testid="attach" onClick={() => chosen.current!.click()} />}
          <Emoji insert={(emoji) => (insert(emoji), (opened.value = ""))} />
          <Tool icon="bolt" label={w.replies} testid="replies-open" onClick={() => ((lent.current = true), askFor(field.current!, draft.text, insert, setAsk))} />
        </div>
        <span class={over > 0 ? "is-over" : "hint"} role="status">{over > -500 ? `${LIMIT + over} / ${LIMIT}` : told}</span>
        <button type="submit" class="primary" disabled={!ready} data-testid="send"><Icon name="send" />{draft.note ? w.addNote : closed ? w.reopenSend : w.send}</button>
      </div>
    </form>
  );
}

/** The button does what the stroke does, at the caret. */
function askFor(field: HTMLTextAreaElement, text: string, insert: (text: string) => void, setAsk: (ask: Asked) => void): void {
  const at = field.selectionStart;
  const stroke = at > 0 && !/\s$/.test(text.slice(0, at)) ? " /" : "/";
  insert(stroke);
  setAsk({ word: "", from: at + stroke.length - 1 });
}

/** What a canned reply's blanks are filled with in this conversation. */
function valuesFor(desk: Desk, id: string): Record<string, string | null | undefined> {
  const item = desk.listing.get(id);
  const profile = item && desk.people.get(item.visitor)?.profile;
  const own = Object.entries(profile?.attributes ?? {}).map(([key, value]) => [`visitor.${key}`, value]);
  const site = profile?.arrival?.site;
  const { sites } = desk.workspace.settings.value;
  return {
    ...Object.fromEntries(own), "visitor.name": plain(profile?.name ?? item?.visitor_name ?? ""), "visitor.email": profile?.email, "visitor.phone": profile?.phone,
    "agent.name": desk.me.name, "site.name": (sites.find((one) => one.site === site) ?? sites[0])?.name,
  };
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
