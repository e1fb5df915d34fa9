/** The desk when somebody is at it: rail, list, conversations, and what lies over them. */
import { useEffect, useState } from "preact/hooks";
import { allowSound } from "../state/alerts";
import type { Desk } from "../state/desk";
import { Guests } from "./guests";
import { Help } from "./help";
import { onKey } from "./keys";
import { List } from "./list";
import { Pane } from "./pane";
import { Rail } from "./rail";
import { Toasts } from "./toasts";

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
    desk.online.value = navigator.onLine;
    if (desk.visible.value) desk.client.wake();
  };
  const key = (event: KeyboardEvent) => onKey(event, desk, { help });
  const flush = () => void desk.client.books.flush();
  const away = new AbortController();
  const { signal } = away;
  for (const name of ["online", "offline", "focus", "pageshow"]) addEventListener(name, look, { signal });
  document.addEventListener("visibilitychange", look, { signal });
  addEventListener("keydown", key, { signal });
  addEventListener("pagehide", flush, { signal });
  addEventListener("pointerdown", allowSound, { signal, once: true });
  addEventListener("keydown", allowSound, { signal, once: true });
  // A file that falls beside its place would be opened in the place of the desk.
  for (const name of ["dragover", "drop"]) addEventListener(name, (event) => event.preventDefault(), { signal });
  return () => away.abort();
}
