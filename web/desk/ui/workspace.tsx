/** The desk when somebody is at it: rail, list, conversations, and what lies over them. */
import { useEffect, useRef, useState } from "preact/hooks";
import { errorText } from "../../staff/bits";
import { allowSound } from "../state/alerts";
import type { Desk } from "../state/desk";
import { words } from "../state/prefs";
import { onKey } from "./keys";
import { List } from "./list";
import { Pane } from "./pane";
import { Rail } from "./rail";

export function Workspace({ desk, leave }: { desk: Desk; leave: () => void }) {
  const [help, setHelp] = useState(false);
  useEffect(() => listen(desk, () => setHelp((shown) => !shown)), [desk]);
  return (
    <div class={`workspace ${desk.active.value ? "is-talking" : ""}`}>
      <Rail desk={desk} help={() => setHelp(true)} leave={leave} />
      <List desk={desk} />
      <Pane desk={desk} />
      <Toasts desk={desk} />
      {help && <Help done={() => setHelp(false)} />}
    </div>
  );
}

function listen(desk: Desk, help: () => void): () => void {
  const look = () => {
    desk.visible.value = document.visibilityState === "visible";
    if (desk.visible.value) desk.client.wake();
  };
  const key = (event: KeyboardEvent) => onKey(event, desk, { help });
  const flush = () => void desk.client.books.flush();
  const away = new AbortController();
  const { signal } = away;
  for (const name of ["online", "focus", "pageshow"]) addEventListener(name, look, { signal });
  document.addEventListener("visibilitychange", look, { signal });
  addEventListener("keydown", key, { signal });
  addEventListener("pagehide", flush, { signal });
  addEventListener("pointerdown", allowSound, { signal, once: true });
  addEventListener("keydown", allowSound, { signal, once: true });
  return () => away.abort();
}

function Toasts({ desk }: { desk: Desk }) {
  return (
    <div class="toasts" role="alert">
      {desk.toasts.all.value.map((toast) => (
        <button key={toast.id} type="button" class="toast" data-testid="toast" onClick={() => desk.toasts.dismiss(toast.id)}>{errorText(toast.code, toast.text)}</button>
      ))}
    </div>
  );
}

function Help({ done }: { done: () => void }) {
  const w = words();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current!.showModal(), []);
  return (
    <dialog ref={dialog} class="help" aria-label={w.help} data-testid="help" onClose={done}
      onKeyDown={(event) => event.key === "?" && done()} onClick={(event) => event.target === dialog.current && done()}>
      <div>
        <h2>{w.help}</h2>
        <dl>{Object.entries(w.shortcuts).map(([keys, text]) => <div><dt>{keys.split(" / ").map((key) => <kbd>{key}</kbd>)}</dt><dd>{text}</dd></div>)}</dl>
      </div>
    </dialog>
  );
}
