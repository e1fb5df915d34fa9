/** The frame of whatever is changed: its head, its form, saving, who changed it last, and taking it away. */
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { ApiError } from "../../../client/http";
import { fill } from "../../../i18n/pick";
import { prefs } from "../../../staff/prefs";
import type { Console } from "../../state/console";
import { momentText } from "../../state/format";
import { Draft, type Making } from "../../state/settings/draft";
import type { Changed, Seen } from "../../state/settings/values";
import { problemText } from "../bits";
import { Looking, Overtaken } from "./overtaken";
import { Confirm } from "./dialog";
import { Sign } from "./sign";
import { actorName, set } from "./words";

interface HeadProps {
  title: string;
  lead?: ComponentChildren;
  /** Where the list is, of which this is one. */
  back?: string;
  children?: ComponentChildren;
}

export function Head({ title, lead, back, children }: HeadProps) {
  return (
    <header class="report-head settings-head">
      {back && <a class="tool" href={back} aria-label={set().toList} title={set().toList} data-testid="to-list"><Sign name="back" /></a>}
      <div class="gap"><h1 tabIndex={-1}>{title}</h1>{lead && <p>{lead}</p>}</div>
      {children}
    </header>
  );
}

export function AddLink({ href, text }: { href: string; text: string }) {
  return <a class="primary is-link" href={href} data-testid="add"><Sign name="plus" />{text}</a>;
}

/** A draft of what `key` names, watched so that it is not left unsaved. */
export function useDraft<T extends object>(shown: Pick<Console, "guard">, key: string, base: T, making: Making<T>, seen?: Seen): Draft<T> {
  const latest = useRef(making); // what is known may be more by then: which keys are taken, for one
  latest.current = making;
  const draft = useMemo(() => new Draft<T>(base, {
    check: (value) => latest.current.check?.(value) ?? {}, tidy: (value) => latest.current.tidy?.(value) ?? value, save: (value, of) => latest.current.save(value, of),
  }, seen), [key]);
  useEffect(() => shown.guard.watch(draft), [draft]);
  useEffect(() => draft.follow(base, seen), [JSON.stringify(base), seen]);
  return draft;
}

/** `words` are of something else than a change, with `{at}` and `{by}`. */
export function ChangedLine({ entry, words }: { entry: Changed | null | undefined; words?: string }) {
  const s = set();
  if (!entry?.changed_at) return null;
  return <p class="changed" data-testid="changed">{fill(words ?? s.changed, { at: momentText(entry.changed_at, prefs.value.language), by: actorName(entry.changed_by) })}</p>;
}

interface RemoveProps {
  title: string;
  text: string;
  yes: string;
  run: () => Promise<void>;
}

interface EntryProps<T extends object> {
  draft: Draft<T>;
  changed?: Changed | null | undefined;
  /** What the button says; by itself: Save. */
  verb?: string | undefined;
  saved?: (() => void) | undefined;
  remove?: RemoveProps | undefined;
  children: ComponentChildren;
}

export function Entry<T extends object>({ draft, changed, verb, saved, remove, children }: EntryProps<T>) {
  const form = useRef<HTMLFormElement>(null);
  const save = async () => {
    if (await draft.save()) return saved?.();
    requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"], [data-invalid] :is(input, select, textarea, button)')?.focus());
  };
  const keys = (event: KeyboardEvent) => {
    if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    void save();
  };
  return (
    <form ref={form} class="entry" noValidate onKeyDown={keys} onSubmit={(event) => (event.preventDefault(), void save())}>
      {children}
      <SaveBar draft={draft} verb={verb} />
      <footer class="entry-foot"><ChangedLine entry={changed} />{remove && <Remove {...remove} />}</footer>
    </form>
  );
}

function SaveBar<T extends object>({ draft, verb }: { draft: Draft<T>; verb: string | undefined }) {
  const s = set();
  const outcome = draft.outcome.value;
  const dirty = draft.dirty.value;
  return (
    <div class={`save-bar ${dirty ? "is-dirty" : ""}`} data-testid="save-bar" data-state={outcome.kind}>
      <button type="submit" class="primary" disabled={outcome.kind === "saving"} data-testid="save">{outcome.kind === "saving" ? s.saving : (verb ?? s.save)}</button>
      {dirty && <button type="button" class="plain" data-testid="revert" onClick={() => draft.revert()}>{s.revert}</button>}
      {outcome.kind === "overtaken" ? <Overtaken draft={draft} error={outcome.error} /> : draft.mine.value ? <Looking draft={draft} /> : outcome.kind === "failed" || outcome.kind === "wrong"
        ? <p class="problem" role="alert" data-testid="outcome">{outcome.kind === "failed" ? <Refusal error={outcome.error} /> : s.outcomes["wrong"]}</p>
        : <p class="quiet" role="status" data-testid="outcome">{outcome.kind === "idle" ? (dirty ? s.unsaved : "") : s.outcomes[outcome.kind]}</p>}
    </div>
  );
}

/** In the reader's language what kind it is; the server's own sentence where that says more. */
export function Refusal({ error }: { error: unknown }) {
  const s = set();
  if (!(error instanceof ApiError)) return <>{problemText(error)}</>;
  if (error.code === "bad_credentials") return <>{s.outcomes["wrong"]}</>; // at its field it says what
  return error.status === 400 ? <>{s.refused} <span lang="en">{error.message}</span></> : <>{s.refusals[error.code] ?? problemText(error)}</>;
}

function Remove({ title, text, yes, run }: RemoveProps) {
  const [asking, setAsking] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const go = () => run().then(() => setAsking(false), (failed: unknown) => (setError(failed), setAsking(false)));
  return (
    <>
      {error !== null && <p class="problem" role="alert"><Refusal error={error} /></p>}
      <button type="button" class="plain is-danger" data-testid="remove" onClick={() => (setError(null), setAsking(true))}><Sign name="bin" />{yes}</button>
      {asking && <Confirm title={title} text={text} yes={yes} run={go} close={() => setAsking(false)} testid="confirm" />}
    </>
  );
}

/** A part of a long form. */
export function Part({ title, lead, children }: { title: string; lead?: ComponentChildren; children: ComponentChildren }) {
  return <section class="panel part"><h2>{title}</h2>{lead && <p class="lead">{lead}</p>}{children}</section>;
}
