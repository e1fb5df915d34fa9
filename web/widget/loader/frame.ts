/**
 * The one element that is put into the page, with its shadow tree and its colours. The chat draws
 * into the same tree when it is there.
 */
import { completed, type Site } from "../site";
import { contrast, css, inkOn, parse, readable, type Rgb } from "./colours";
import sheet from "./loader.css?inline";
import { Path } from "./path";
import type { Channel, Setup } from "./setup";

const PAPER = { light: [255, 255, 255], dark: [35, 40, 49] } satisfies Record<string, Rgb>;
const TYPED = ["keydown", "keypress", "keyup"];
/** What a line or a ring needs beside its ground (WCAG 1.4.11). */
const VISIBLE = 3;

export class Frame {
  site: Site = completed(null);
  readonly channel: Channel;
  readonly host = document.createElement("parley-chat");
  readonly root: ShadowRoot;
  readonly path: Path;
  /** Told of every change of the site's settings. */
  changed: () => void = () => {};
  private readonly _dark = matchMedia("(prefers-color-scheme: dark)");

  constructor(readonly setup: Setup, readonly key: string) {
    this.path = new Path(`${key}:path`);
    const target = setup.target ? document.querySelector(setup.target) : null;
    this.channel = setup.page ? "link" : target ? "inline" : "widget";
    this.host.dataset["testid"] = "parley";
    this.host.dataset["channel"] = this.channel;
    // What is typed here is not for the page's shortcuts.
    for (const name of TYPED) this.host.addEventListener(name, (event) => event.stopPropagation());
    this.root = this.host.attachShadow({ mode: "open" });
    this.dress(sheet);
    this._dark.addEventListener("change", () => this._paint());
    this.take(this.site);
    (target ?? document.body).append(this.host);
  }

  /** A sheet built by script is allowed under a page's strict policy, where a style tag is not. */
  dress(text: string): void {
    const made = new CSSStyleSheet();
    made.replaceSync(text);
    this.root.adoptedStyleSheets = [...this.root.adoptedStyleSheets, made];
  }

  take(site: Site): void {
    this.site = site;
    this._paint();
    this.changed();
  }

  private _paint(): void {
    const { theme, color, side, offset_x, offset_y } = this.site.appearance;
    const shade = theme === "auto" ? (this._dark.matches ? "dark" : "light") : theme;
    const paper = PAPER[shade];
    const accent = parse(this.setup.colour ?? "") ?? parse(color) ?? parse(completed(null).appearance.color)!;
    const seen = contrast(accent, paper) >= VISIBLE;
    this.host.dataset["theme"] = shade;
    this.host.dataset["side"] = side;
    const values = {
      accent: css(accent),
      on: css(inkOn(accent)),
      "accent-text": css(readable(accent, paper)),
      /** A light button on a light page is told from it by a line. */
      rim: seen ? "transparent" : css(readable(accent, paper)),
      "offset-x": `${offset_x}px`,
      "offset-y": `${offset_y}px`,
    };
    for (const [name, value] of Object.entries(values)) this.host.style.setProperty(`--parley-${name}`, value);
  }
}
