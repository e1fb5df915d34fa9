/** Draws the model into an element and keeps it drawn. */
import { effect } from "@preact/signals-core";
import { render } from "preact";
import { fill } from "../i18n/pick";
import type { Button } from "./loader/button";
import type { Model } from "./model";
import { Widget } from "./ui/widget";

/** The whole is drawn anew whenever a signal that the drawing read has changed: small enough to afford it. */
export function mount(model: Model, root: Element | ShadowRoot): () => void {
  const element = document.createElement("div");
  root.prepend(element);
  return effect(() => {
    const inside = focus(element);
    render(<Widget model={model} />, element);
    model.drawn();
    // What had the focus may be done with and gone: it is not to be lost for that.
    if (inside && !focus(element)) element.querySelector<HTMLElement>(".log")?.focus({ preventScroll: true });
  });
}

function focus(element: Element): boolean {
  const root = element.getRootNode() as Document | ShadowRoot;
  return element.contains(root.activeElement);
}

/** The loader's button shows what the chat knows, and does what it can. */
export function shows(model: Model, button: Button, host: HTMLElement): () => void {
  button.pressed = () => model.toggle();
  return effect(() => {
    const { words, appearance } = model;
    const open = model.stage.open.value;
    const unread = model.unread.value;
    button.show({
      label: open ? words.close : unread ? fill(words.openUnread, { n: unread }) : words.open,
      text: appearance.launcher === "bar" && !open ? model.own("launcher") || words.bar : "",
      open, unread, busy: false,
      hidden: model.hidden.value,
    });
    host.toggleAttribute("data-open", open);
  });
}
