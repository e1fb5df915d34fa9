/** Several of one kind: words as chips, things in an order, texts by language. */
import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { fill } from "../../../i18n/pick";
import { prefs } from "../../../staff/prefs";
import type { Bound } from "../../state/settings/draft";
import { moved } from "../../state/settings/lists";
import type { Texts } from "../../state/settings/values";
import { Group, Labelled } from "./fields";
import { afterPress } from "./press";
import { Sign, SignButton } from "./sign";
import { languageName, set } from "./words";

interface ChipsProps {
  label: string;
  hint?: ComponentChildren;
  testid: string;
  field: Bound<string[]>;
  placeholder?: string;
  /** What is written becomes what is kept. */
  tidy?: (text: string) => string;
  suggestions?: string[];
}

/** Words, one after the other: Enter or a comma takes one, Backspace gives the last one back. */
export function ChipsField({ label, hint, testid, field, placeholder, tidy = (text) => text.trim(), suggestions = [] }: ChipsProps) {
  const s = set();
  const [text, setText] = useState("");
  const input = useRef<HTMLInputElement>(null);
  const take = (written: string) => {
    const fresh = written.split(/[,，\n]/).map(tidy).filter((one) => one !== "" && !field.value.includes(one));
    if (fresh.length > 0) field.set([...field.value, ...new Set(fresh)]);
    setText("");
  };
  const keys = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && text.trim()) return event.preventDefault(), take(text);
    if (event.key === "Enter") return event.preventDefault();
    if (event.key === "Backspace" && text === "") field.set(field.value.slice(0, -1));
  };
  const left = suggestions.filter((one) => !field.value.includes(one));
  return (
    <Labelled label={label} hint={hint} problem={field.problem}>
      {(aria) => (
        <div class="chips" data-testid={`${testid}-chips`} onClick={(event) => event.target === event.currentTarget && input.current!.focus()}>
          {field.value.map((one) => (
            <span key={one} class="chip is-tag"><span>{one}</span>
              <button type="button" aria-label={fill(s.removeOne, { name: one })} onClick={() => (field.set(field.value.filter((other) => other !== one)), input.current!.focus())}>×</button>
            </span>
          ))}
          <input ref={input} {...aria} value={text} placeholder={field.value.length === 0 ? placeholder : undefined} data-testid={testid} list={left.length > 0 ? `${aria.id}-list` : undefined}
            onInput={(event) => (/[,，]/.test(event.currentTarget.value) ? take(event.currentTarget.value) : setText(event.currentTarget.value))} onKeyDown={keys} onBlur={() => afterPress(() => (take(text), field.leave()))} />
          {left.length > 0 && <datalist id={`${aria.id}-list`}>{left.map((one) => <option key={one} value={one} />)}</datalist>}
        </div>
      )}
    </Labelled>
  );
}

interface OrderedProps<T> {
  items: T[];
  change: (items: T[]) => void;
  title: (item: T) => string;
  /** What else is worth knowing of one that is folded. */
  about: (item: T) => string[];
  /** Something is wrong in it, so it is not folded. */
  wrong: (at: number) => boolean;
  testid: string;
  children: (item: T, at: number, change: (item: T) => void) => ComponentChildren;
}

/** Things in an order, each with a button up, down and away; one of them unfolded. */
export function Ordered<T>({ items, change, title, about, wrong, testid, children }: OrderedProps<T>) {
  const s = set();
  const [open, setOpen] = useState<number | null>(null);
  const [count, setCount] = useState(items.length);
  if (items.length !== count) {
    setCount(items.length);
    setOpen(items.length > count ? items.length - 1 : null); // a fresh one is to be filled in
  }
  const move = (at: number, by: number) => (change(moved(items, at, by)), open === at && setOpen(at + by));
  return (
    <ol class="ordered">
      {items.map((item, at) => {
        const shown = open === at || wrong(at);
        return (
          <li key={at} class={`ordered-item ${shown ? "is-open" : ""}`} data-testid={testid}>
            <header>
              <button type="button" class="unfold" aria-expanded={shown} data-testid={`${testid}-unfold`} onClick={() => setOpen(open === at ? null : at)}>
                <Sign name="forth" /><strong>{title(item)}</strong>{about(item).map((one) => <span key={one} class="chip">{one}</span>)}
              </button>
              <SignButton sign="up" label={fill(s.moveUp, { name: title(item) })} disabled={at === 0} testid={`${testid}-up`} onClick={() => move(at, -1)} />
              <SignButton sign="down" label={fill(s.moveDown, { name: title(item) })} disabled={at === items.length - 1} testid={`${testid}-down`} onClick={() => move(at, 1)} />
              <SignButton sign="bin" label={fill(s.removeOne, { name: title(item) })} testid={`${testid}-remove`} onClick={() => change(items.filter((_, i) => i !== at))} />
            </header>
            {shown && children(item, at, (fresh) => change(items.map((one, i) => (i === at ? fresh : one))))}
          </li>
        );
      })}
    </ol>
  );
}

/** What the widget speaks by itself; of the rest, what many people speak. */
const SPOKEN = ["en", "zh"];
const OTHERS = ["ar", "bn", "cs", "da", "de", "el", "es", "fi", "fr", "he", "hi", "hu", "id", "it", "ja", "ko", "ms", "nl", "no", "pl", "pt", "ro", "ru", "sv", "th", "tr", "uk", "ur", "vi", "zh-Hant"];

export function languagesOf(texts: Texts): string[] {
  return [...new Set([...SPOKEN, ...Object.keys(texts)])];
}

interface TextsProps {
  label: string;
  hint?: ComponentChildren;
  testid: string;
  field: Bound<Texts>;
  long?: boolean;
  most?: number;
  placeholder?: (language: string) => string | undefined;
}

/** The same, said in each language; what is left empty is said in English. */
export function TextsField({ label, hint, testid, field, long = false, most = 200, placeholder }: TextsProps) {
  const [more, setMore] = useState<string[]>([]);
  const shown = [...new Set([...languagesOf(field.value), ...more])];
  const say = (language: string, text: string) => field.set({ ...field.value, [language]: text });
  return (
    <Group label={label} hint={hint} problem={field.problem}>
      <div class="texts">
        {shown.map((language) => {
          const common = { value: field.value[language] ?? "", maxLength: most, placeholder: placeholder?.(language), lang: language, "data-testid": `${testid}-${language}`, onBlur: () => afterPress(field.leave) };
          return (
            <label key={language} class="text-in">
              <span>{languageName(language)}</span>
              {long ? <textarea rows={2} {...common} onInput={(event) => say(language, event.currentTarget.value)} />
                : <input type="text" {...common} onInput={(event) => say(language, event.currentTarget.value)} />}
            </label>
          );
        })}
        <Another shown={shown} add={(language) => setMore([...more, language])} testid={testid} />
      </div>
    </Group>
  );
}

export function Another({ shown, add, testid }: { shown: string[]; add: (language: string) => void; testid: string }) {
  const s = set();
  const names = OTHERS.filter((tag) => !shown.includes(tag)).map((tag) => [tag, languageName(tag)] as const);
  return (
    <select class="another" value="" aria-label={s.anotherLanguage} data-testid={`${testid}-another`} onChange={(event) => event.currentTarget.value && add(event.currentTarget.value)}>
      <option value="">+ {s.anotherLanguage}</option>
      {names.sort((a, b) => a[1].localeCompare(b[1], prefs.value.language)).map(([tag, name]) => <option key={tag} value={tag}>{name}</option>)}
    </select>
  );
}
