/** Draws the model into an element and keeps it drawn. */
import { effect } from "@preact/signals-core";
import { render } from "preact";
import type { Model } from "./model";
import { Widget } from "./ui/widget";

/** The whole is drawn anew whenever a signal that the drawing read has changed: small enough to afford it. */
export function mount(model: Model, root: Element | ShadowRoot): () => void {
  return effect(() => {
    render(<Widget model={model} />, root);
    model.drawn();
  });
}
