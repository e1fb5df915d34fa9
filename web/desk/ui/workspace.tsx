/** The desk when somebody is at it: rail, list, conversations, and what lies over them. */
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon, Tool, errorText } from "../../staff/bits";
import { allowSound } from "../state/alerts";
import type { Desk } from "../state/desk";
import { words } from "../state/prefs";
import { Guests } from "./guests";
import { onKey } from "./keys";
import { List } from "./list";
import { Pane } from "./pane";
import { Rail } from "./rail";

export function Workspace({ desk, leave }: { desk: Desk; leave: () => void }) {
  const [help, setHelp] = useState(false);
  useEffect(() => listen(desk, () => setHelp((shown) => !shown)), [desk]);
  const guests = desk.front.view.value === "guests";
  return (
    <div class={`workspace ${guests ? "has-guests" : desk.front.active.value ? "is-talking" : ""}`}>
      <Rail desk={desk} help={() => setHelp(true)} leave={leave} />
      {guests ? <Guests desk={desk} /> : <main class="talks"><List desk={desk} /><Pane desk={desk} /></main>}
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
  // A file that falls beside its place would be opened in the place of the desk.
  for (const name of ["dragover", "drop"]) addEventListener(name, (event) => event.preventDefault(), { signal });
  return () => away.abort();
}

function Toasts({ desk }: { desk: Desk }) {
  const w = words();
  return (
    <div class="toasts" role="alert">
      {desk.toasts.all.value.map((toast) => (
        <div key={toast.id} class={`toast is-${toast.tone}`} data-testid="toast" data-tone={toast.tone}>
          <span>{toast.tone === "problem" ? errorText(toast.code, toast.text) : toast.text}</span>
          {toast.act && <button type="button" class="toast-act" data-testid="toast-act" onClick={() => desk.toasts.act(toast.id)}>{toast.act.label}{toast.tone === "done" && <kbd>z</kbd>}</button>}
          <button type="button" class="toast-shut" aria-label={w.dismiss} onClick={() => desk.toasts.dismiss(toast.id)}><Icon name="close" /></button>
        </div>
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
        <header><h2>{w.help}</h2><Tool icon="close" label={w.dismiss} testid="help-close" onClick={() => dialog.current!.close()} /></header>
        <div class="help-groups">
          {Object.entries(w.shortcuts).map(([group, keys]) => (
            <section key={group}>
              <h3>{w.groups[group]}</h3>
              <dl>{Object.entries(keys).map(([each, text]) => <div key={each}><dt>{each.split(" / ").map((key) => <kbd>{key}</kbd>)}</dt><dd>{text}</dd></div>)}</dl>
            </section>
          ))}
        </div>
      </div>
    </dialog>
  );
}
