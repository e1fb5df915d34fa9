/**
 * The one script that a site includes: it draws the button and fetches the chat when it is needed.
 * It takes one element of the page, keeps everything in a shadow tree, adds one name (`Parley`) to
 * the page's globals, and must never throw into the page.
 */
import { byTag } from "../../i18n/pick";
import type { Chat } from "../chat";
import { inLanguage } from "../site";
import { going, type Visit } from "../state/visit";
import { chat as address } from "virtual:chat";
import { Button } from "./button";
import { Frame } from "./frame";
import { language, type LauncherWords } from "./language";
import { publish, shown, warn } from "./page";
import { refresh, remembered } from "./settings";
import { setup, type Setup } from "./setup";
import { store, stored } from "./stored";

const spoken = byTag<LauncherWords>(import.meta.glob("../messages/*.ts", { eager: true, import: "launcher" }));

/** A page that is at rest this long has time for the rest of the chat. */
const IDLE_MS = 3_000;
const SOON_MS = 300;
const AGAIN_MS = 5_000;
const LATEST_MS = 60_000;

class Loader {
  private readonly _frame: Frame;
  private readonly _button = new Button();
  private _chat: Promise<Chat> | null = null;
  private _failed = false;
  private _tries = 0;
  /** Somebody pressed the button: it opens as soon as it can, be it by a later try. */
  private _wanted = false;

  constructor(options: Setup, key: string) {
    this._frame = new Frame(options, key);
    this._button.pressed = () => void this.open();
    this._frame.changed = () => this._draw();
  }

  /** The button in the site's own colours, if need be a moment later than in anybody's. */
  async begin(): Promise<void> {
    const frame = this._frame;
    const first = begins(`${frame.key}:visit`);
    frame.path.begin(first);
    const known = remembered(frame.key);
    if (known) frame.take(known);
    const fresh = refresh(frame);
    if (!known?.allowed) await fresh;
    if (!frame.site.allowed) return;
    if (frame.channel === "widget") {
      this._draw();
      frame.root.append(this._button.element);
    }
    if (frame.channel !== "widget" || stored(`${frame.key}:talks`) || shown(frame.key)) void this.chat().catch(warn);
    else idle(first, () => void this.chat().catch(warn));
  }

  async open(): Promise<void> {
    this._wanted = true;
    this._draw(true);
    if (!(await this.chat().catch(warn))) this._draw();
  }

  chat(): Promise<Chat> {
    return (this._chat ??= this._load());
  }

  private async _load(): Promise<Chat> {
    try {
      const module = (await import(/* @vite-ignore */ `${this._frame.setup.base}/assets/${address}`)) as typeof import("../chat");
      this._failed = false;
      const chat = await module.start(this._frame, this._button);
      if (this._wanted) chat.open();
      return chat;
    } catch (error) {
      this._chat = null;
      this._failed = true;
      addEventListener("online", () => void this.chat().catch(warn), { once: true });
      setTimeout(() => void this.chat().catch(warn), Math.min(LATEST_MS, AGAIN_MS * 2 ** this._tries++) * (0.5 + Math.random() / 2));
      throw error;
    }
  }

  private _draw(busy = false): void {
    const { setup: options, key, site } = this._frame;
    const { appearance } = site;
    const tag = language(Object.keys(spoken), options.language, key, appearance.language);
    const words = spoken[tag]!;
    const text = inLanguage(appearance.texts, tag)?.launcher;
    this._button.show({
      label: this._failed ? words.failed : words.open,
      text: appearance.launcher === "bar" ? text || words.bar : "",
      open: false, unread: 0, busy,
      hidden: !site.allowed || (appearance.hide_when_closed && !site.open),
    });
  }
}

/** Whether a visit begins here. */
function begins(key: string): boolean {
  const before = stored<Visit>(key);
  const now = going(before, Date.now(), location.href, document.referrer);
  store(key, now);
  return now.count !== before?.count;
}

/** When the page has loaded and has nothing else to do; on the first one of a visit, which the server is to hear of, sooner. */
function idle(first: boolean, act: () => void): void {
  const timeout = first ? SOON_MS : IDLE_MS;
  const soon = () => ("requestIdleCallback" in window ? requestIdleCallback(act, { timeout }) : setTimeout(act, timeout / 2));
  if (first || document.readyState === "complete") soon();
  else addEventListener("load", soon, { once: true });
}

const options = setup(document.currentScript as HTMLScriptElement | null);
if (!options) warn("no data-site");
else publish(options, (key) => new Loader(options, key));
