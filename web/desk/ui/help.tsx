/** Every shortcut, by what it is for. */
import { useEffect, useRef } from "preact/hooks";
import { Tool } from "../../staff/bits";
import { words } from "../state/prefs";

export function Help({ done }: { done: () => void }) {
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
