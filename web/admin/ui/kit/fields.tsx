/** Inputs with their label, their help and what is wrong with them: each tied to one field of a draft. */
import type { ComponentChildren, InputHTMLAttributes, JSX, TextareaHTMLAttributes } from "preact";
import { useId } from "preact/hooks";
import type { Problem } from "../../state/settings/checks";
import type { Bound } from "../../state/settings/draft";
import { afterPress } from "./press";
import { checkText } from "./words";

type Children = ComponentChildren;

interface Aria {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": "true" | undefined;
}

interface LabelledProps {
  label: string;
  hint?: Children;
  problem?: Problem | undefined;
  children: (aria: Aria) => JSX.Element;
}

export function Labelled({ label, hint, problem, children }: LabelledProps) {
  const id = useId();
  const described = [hint ? `${id}-hint` : "", problem ? `${id}-problem` : ""].filter(Boolean).join(" ");
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({ id, "aria-describedby": described || undefined, "aria-invalid": problem ? "true" : undefined })}
      <Below id={id} hint={hint} problem={problem} />
    </div>
  );
}

function Below({ id, hint, problem }: { id: string; hint: Children; problem: Problem | undefined }) {
  return (
    <>
      {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
      {problem && <p class="problem" id={`${id}-problem`} role="alert" data-testid="problem">{checkText(problem)}</p>}
    </>
  );
}

interface GroupProps {
  label: string;
  hint?: Children;
  problem?: Problem | undefined;
  testid?: string;
  children: Children;
}

/** Several inputs under one name. */
export function Group({ label, hint, problem, testid, children }: GroupProps) {
  const id = useId();
  const described = [hint ? `${id}-hint` : "", problem ? `${id}-problem` : ""].filter(Boolean).join(" ");
  return (
    <fieldset class="field" aria-describedby={described || undefined} data-testid={testid} data-invalid={problem ? "true" : undefined}>
      <legend>{label}</legend>
      {children}
      <Below id={id} hint={hint} problem={problem} />
    </fieldset>
  );
}

interface InputProps {
  label: string;
  hint?: Children;
  testid: string;
}

interface Plain {
  type?: "text" | "email" | "password";
  maxLength?: number;
  placeholder?: string | undefined;
  autoFocus?: boolean;
  autoComplete?: string;
  spellcheck?: boolean;
  lang?: string;
  onFocus?: () => void;
}

export function TextField({ label, hint, testid, field, input = {} }: InputProps & { field: Bound<string>; input?: Plain }) {
  return (
    <Labelled label={label} hint={hint} problem={field.problem}>
      {(aria) => (
        <input type="text" {...(input as InputHTMLAttributes)} {...aria} value={field.value} data-testid={testid} onBlur={() => afterPress(field.leave)} onInput={(event) => field.set(event.currentTarget.value)} />
      )}
    </Labelled>
  );
}

export function AreaField({ label, hint, testid, field, rows = 4, area = {} }: InputProps & { field: Bound<string>; rows?: number; area?: TextareaHTMLAttributes }) {
  return (
    <Labelled label={label} hint={hint} problem={field.problem}>
      {(aria) => (
        <textarea {...area} {...aria} rows={rows} value={field.value} data-testid={testid} onBlur={() => afterPress(field.leave)} onInput={(event) => field.set(event.currentTarget.value)} />
      )}
    </Labelled>
  );
}

interface NumberProps extends InputProps {
  field: Bound<number>;
  unit?: string;
  least?: number;
  most?: number;
}

export function NumberField({ label, hint, testid, field, unit, least = 0, most }: NumberProps) {
  return (
    <Labelled label={label} hint={hint} problem={field.problem}>
      {(aria) => (
        <span class="with-unit">
          <input type="number" inputMode="numeric" {...aria} min={least} max={most} step={1} value={Number.isNaN(field.value) ? "" : field.value} data-testid={testid}
            onBlur={() => afterPress(field.leave)} onInput={(event) => field.set(event.currentTarget.valueAsNumber)} />
          {unit && <span>{unit}</span>}
        </span>
      )}
    </Labelled>
  );
}

export type Option = [value: string, text: string];

export function SelectField({ label, hint, testid, field, options }: InputProps & { field: Bound<string>; options: Option[] }) {
  const known = options.some(([one]) => one === field.value) ? options : [...options, [field.value, field.value] as Option];
  return (
    <Labelled label={label} hint={hint} problem={field.problem}>
      {(aria) => (
        <select {...aria} value={field.value} data-testid={testid} onBlur={() => afterPress(field.leave)} onChange={(event) => field.set(event.currentTarget.value)}>
          {known.map(([value, text]) => <option key={value} value={value}>{text}</option>)}
        </select>
      )}
    </Labelled>
  );
}

interface SwitchProps {
  label: string;
  hint?: Children;
  testid: string;
  on: boolean;
  turn: (on: boolean) => void;
}

export function Switch({ label, hint, testid, on, turn }: SwitchProps) {
  const id = useId();
  return (
    <div class="switch">
      <label class="toggle">
        <input type="checkbox" role="switch" checked={on} aria-describedby={hint ? `${id}-hint` : undefined} data-testid={testid} onChange={(event) => turn(event.currentTarget.checked)} />
        <span>{label}</span>
      </label>
      {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
    </div>
  );
}

export interface Card<V extends string> {
  value: V;
  title: string;
  text?: string;
}

interface CardsProps<V extends string> {
  label: string;
  testid: string;
  cards: Card<V>[];
  chosen: V;
  choose: (value: V) => void;
  /** The label is in sight already. */
  plain?: boolean;
}

/** One of a few, each with what it means. */
export function Cards<V extends string>({ label, testid, cards, chosen, choose, plain = false }: CardsProps<V>) {
  const name = useId();
  return (
    <fieldset class={`field cards ${plain ? "is-plain" : ""}`}>
      <legend>{label}</legend>
      <div>
        {cards.map(({ value, title, text }) => (
          <label key={value} class={`card ${value === chosen ? "is-chosen" : ""}`}>
            <input type="radio" name={name} checked={value === chosen} data-testid={`${testid}-${value}`} onChange={() => choose(value)} />
            <span><strong>{title}</strong>{text && <small>{text}</small>}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

interface ChecksProps {
  label: string;
  hint?: Children;
  testid: string;
  options: Option[];
  chosen: string[];
  choose: (chosen: string[]) => void;
  /** What stands there when there is nothing to choose from. */
  none: Children;
}

/** Any number of a few. */
export function Checks({ label, hint, testid, options, chosen, choose, none }: ChecksProps) {
  const turn = (value: string, on: boolean) => choose(on ? [...chosen, value] : chosen.filter((one) => one !== value));
  const gone = chosen.filter((one) => options.every(([value]) => value !== one)).map((one): Option => [one, one]);
  return (
    <Group label={label} hint={hint}>
      {options.length + gone.length === 0 ? <p class="quiet">{none}</p> : (
        <div class="checks">
          {[...options, ...gone].map(([value, text]) => (
            <label key={value} class="check">
              <input type="checkbox" checked={chosen.includes(value)} data-testid={`${testid}-${value}`} onChange={(event) => turn(value, event.currentTarget.checked)} />
              <span>{text}</span>
            </label>
          ))}
        </div>
      )}
    </Group>
  );
}
