/** The small parts of the console. */
import type { ComponentChildren } from "preact";
import { ApiError } from "../../client/http";
import { Empty, errorText } from "../../staff/bits";
import { said } from "../../staff/prefs";
import { words } from "../state/prefs";

/** What went wrong, as far as the reader can do something about it. */
export function problemText(error: unknown): string {
  if (!(error instanceof ApiError)) return errorText("other", "");
  return words().problems[error.code] ?? errorText(error.code, error.message);
}

export function Failed({ error, again }: { error: unknown; again: () => void }) {
  const w = words();
  const detail = error instanceof ApiError && !error.passing && error.message !== problemText(error) ? error.message : "";
  return (
    <div class="failed" role="alert" data-testid="failed">
      <Empty title={w.failed} text={problemText(error)} />
      {detail && <p class="quiet">{detail}</p>}
      <button type="button" class="primary" data-testid="retry" onClick={again}>{said().retry}</button>
    </div>
  );
}

interface ToggleProps {
  on: boolean;
  set: (on: boolean) => void;
  testid: string;
  children: ComponentChildren;
}

export function Toggle({ on, set, testid, children }: ToggleProps) {
  return (
    <label class="toggle">
      <input type="checkbox" role="switch" checked={on} data-testid={testid} onChange={(event) => set(event.currentTarget.checked)} />
      <span>{children}</span>
    </label>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  options: [value: string, text: string][];
  choose: (value: string) => void;
  testid: string;
  opened?: () => void;
}

/** A list to choose from; what it offers may come only when somebody opens it. */
export function Choice({ label, value, options, choose, testid, opened }: ChoiceProps) {
  const known = options.some(([one]) => one === value) ? options : [...options, [value, value] as [string, string]];
  return (
    <label class={`choice-field ${value ? "is-set" : ""}`}>
      <span>{label}</span>
      <select value={value} data-testid={testid} onFocus={opened} onPointerDown={opened} onChange={(event) => choose(event.currentTarget.value)}>
        {known.map(([one, text]) => <option key={one} value={one}>{text}</option>)}
      </select>
    </label>
  );
}

interface FieldProps {
  label: string;
  type: "date" | "datetime-local";
  value: string;
  change: (value: string) => void;
  testid: string;
  bounds?: { min?: string; max?: string };
}

export function InputField({ label, type, value, change, testid, bounds = {} }: FieldProps) {
  return (
    <label class={`choice-field ${value ? "is-set" : ""}`}>
      <span>{label}</span>
      <input type={type} value={value} data-testid={testid} {...bounds} onChange={(event) => change(event.currentTarget.value)} />
    </label>
  );
}
