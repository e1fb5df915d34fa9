/** Questions that must be answered before anything else, and secrets that are shown once. */
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Icon } from "../../../staff/bits";
import { words } from "../../state/prefs";
import { set } from "./words";

interface DialogProps {
  title: string;
  close: () => void;
  testid: string;
  /** There is code in it. */
  wide?: boolean;
  children: ComponentChildren;
  actions: ComponentChildren;
}

/** The browser's own: it keeps the focus inside and gives it back, and closes by Escape. */
export function Dialog({ title, close, testid, wide = false, children, actions }: DialogProps) {
  const box = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = box.current!;
    dialog.showModal();
    return () => dialog.close();
  }, []);
  return (
    <dialog ref={box} class={`dialog ${wide ? "is-wide" : ""}`} aria-labelledby={id} data-testid={testid} onCancel={(event) => (event.preventDefault(), close())}>
      <h2 id={id}>{title}</h2>
      <div class="dialog-body">{children}</div>
      <footer>{actions}</footer>
    </dialog>
  );
}

interface ConfirmProps {
  title: string;
  text: ComponentChildren;
  yes: string;
  run: () => Promise<void> | void;
  close: () => void;
  testid: string;
}

/** Something that is not easily taken back. */
export function Confirm({ title, text, yes, run, close, testid }: ConfirmProps) {
  const s = set();
  const [busy, setBusy] = useState(false);
  const go = async () => {
    setBusy(true);
    await Promise.resolve(run()).finally(() => setBusy(false));
  };
  return (
    <Dialog title={title} close={close} testid={testid} actions={(
      <>
        <button type="button" class="plain" autoFocus onClick={close}>{s.cancel}</button>
        <button type="button" class="primary is-danger" disabled={busy} data-testid={`${testid}-yes`} onClick={() => void go()}>{yes}</button>
      </>
    )}><p>{text}</p></Dialog>
  );
}

/** A text to take along, with a button that takes it. */
export function Copyable({ text, label, testid, block = false, code = false }: { text: string; label: string; testid: string; block?: boolean; code?: boolean }) {
  const w = words();
  const [taken, setTaken] = useState(false);
  const take = () => void navigator.clipboard.writeText(text).then(() => setTaken(true), () => setTaken(false));
  return (
    <div class={`copyable ${block ? "is-block" : ""} ${code ? "is-code" : ""}`}>
      <code data-testid={testid} tabIndex={0} role="textbox" aria-readonly="true" aria-label={label}>{text}</code>
      <button type="button" class="plain" data-testid={`${testid}-copy`} onClick={take}><Icon name={taken ? "check" : "copy"} />{taken ? w.copied : w.copy}</button>
      <span class="unseen" role="status">{taken ? w.copied : ""}</span>
    </div>
  );
}
