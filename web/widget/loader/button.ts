/** The floating button. It stays the same element when the chat takes it over, so nothing jumps and no focus is lost. */

export interface Look {
  /** What it does, for those who do not see it. */
  label: string;
  /** What is written beside the sign, on a bar. */
  text: string;
  open: boolean;
  unread: number;
  busy: boolean;
  hidden: boolean;
}

const SVG = "http://www.w3.org/2000/svg";
const CHAT = "M5 4h14a3 3 0 0 1 3 3v8a3 3 0 0 1-3 3h-7l-5 4v-4h-2a3 3 0 0 1-3-3v-8a3 3 0 0 1 3-3z";
const DOWN = "M6 9l6 6 6-6";

export class Button {
  readonly element = document.createElement("button");
  pressed: () => void = () => {};
  private readonly _path = document.createElementNS(SVG, "path");
  private readonly _sign = sign(this._path);
  private readonly _text = document.createElement("span");
  private readonly _badge = document.createElement("span");

  constructor() {
    const { element, _text, _badge } = this;
    element.type = "button";
    element.dataset["testid"] = "launcher";
    _text.className = "launcher-text";
    _badge.className = "badge";
    _badge.dataset["testid"] = "badge";
    _badge.setAttribute("aria-hidden", "true");
    element.append(this._sign, _text);
    element.addEventListener("click", () => this.pressed());
  }

  show(look: Look): void {
    const { element } = this;
    element.className = `launcher ${look.text ? "is-bar" : ""} ${look.open ? "is-down" : ""} ${look.busy ? "is-busy" : ""}`;
    element.hidden = look.hidden;
    element.setAttribute("aria-label", look.label);
    element.setAttribute("aria-expanded", String(look.open));
    element.setAttribute("aria-busy", String(look.busy));
    this._path.setAttribute("d", look.open ? DOWN : CHAT);
    this._sign.setAttribute("fill", look.open ? "none" : "currentColor");
    this._sign.setAttribute("stroke", look.open ? "currentColor" : "none");
    this._text.textContent = look.text;
    this._badge.textContent = look.unread > 9 ? "9+" : String(look.unread);
    if (!look.open && look.unread > 0) element.append(this._badge);
    else this._badge.remove();
  }
}

function sign(path: SVGPathElement): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  const attributes = { viewBox: "0 0 24 24", width: "26", height: "26", "stroke-width": "2", "aria-hidden": "true" };
  for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
  svg.append(path);
  return svg;
}
