/** A picture as large as there is room for, before everything else: the browser's own dialog keeps the focus, and gives it back. */
import { fill } from "../../i18n/pick";
import type { Model } from "../model";
import { Icon } from "./icons";

export function ViewerView({ model }: { model: Model }) {
  const { words, viewer } = model;
  const shown = viewer.shown.value;
  if (!shown) return null;
  const { name, url } = shown;
  return (
    <dialog ref={show} class="viewer" aria-label={fill(words.image, { name })} data-testid="viewer" onClose={() => viewer.close()}>
      <div class="viewer-bar">
        <strong class="file-name" dir="auto">{name}</strong>
        {url && <a class="icon" href={url} download={name} title={fill(words.download, { name })} aria-label={fill(words.download, { name })} data-testid="viewer-save"><Icon name="save" /></a>}
        <button class="icon" title={words.closeImage} aria-label={words.closeImage} data-testid="viewer-close" onClick={(event) => hide(event.currentTarget)}><Icon name="close" /></button>
      </div>
      <div class="viewer-stage" onClick={(event) => event.target === event.currentTarget && hide(event.currentTarget)}>
        {url ? <img src={url} alt={name} data-testid="viewer-image" onError={() => viewer.failed()} /> : <p role="status">{url === null ? words.loading : words.noImage}</p>}
      </div>
    </dialog>
  );
}

function show(dialog: HTMLDialogElement | null): void {
  if (dialog && !dialog.open) dialog.showModal();
}

/** As Esc does it, so that the focus goes back. */
function hide(inside: Element): void {
  inside.closest("dialog")!.close();
}
