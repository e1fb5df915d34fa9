/** What moves the page while somebody presses a button takes the button from under the pointer: it waits until that is let go. */

let pressed = false;

for (const name of ["pointerup", "pointercancel"]) addEventListener(name, () => (pressed = false), true);
addEventListener("pointerdown", () => (pressed = true), true);

/** At once, or when the pointer that is down is up again; before the click that this makes. */
export function afterPress(run: () => void): void {
  if (!pressed) return run();
  const done = new AbortController();
  for (const name of ["pointerup", "pointercancel"]) addEventListener(name, () => (done.abort(), run()), { capture: true, signal: done.signal });
}
