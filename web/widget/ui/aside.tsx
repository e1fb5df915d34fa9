/** Beside the stand-alone chat, where there is room: how to take it along. */
import type { Model } from "../model";

export function Aside({ model }: { model: Model }) {
  const { words, place } = model;
  const url = `${place.base}/chat/${encodeURIComponent(place.id)}`;
  const copy = () => void navigator.clipboard?.writeText(url).then(() => (model.copied.value = true), () => {});
  return (
    <aside class="aside" data-testid="take-along">
      <strong>{words.qrTitle}</strong>
      <p>{words.qrText}</p>
      <img src={`${url}/qr.svg`} alt={words.qrText} width="180" height="180" />
      <button class="pill" data-testid="copy-link" onClick={copy}>{model.copied.value ? words.copied : words.copyLink}</button>
    </aside>
  );
}
