/** What is said in passing, in a place of its own: it covers nothing that somebody may want to press. */
import { Icon, errorText } from "../../staff/bits";
import type { Desk } from "../state/desk";
import { words } from "../state/prefs";

export function Toasts({ desk }: { desk: Desk }) {
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
