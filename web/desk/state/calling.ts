/** From what happens to a call for the agent: sound, notification, title and a word on the screen, each as it is wished for. */
import type { LogEvent } from "../../client/types";
import { fill } from "../../i18n/pick";
import { visitorName } from "../../staff/bits";
import { chime, notify, title } from "./alerts";
import { URGENT, callOf, type Call } from "./calls";
import { Freshness } from "./freshness";
import type { Item } from "./inbox";
import { wishes, words } from "./prefs";
import type { Toast, Toasts } from "./toasts";

export interface Screen {
  me: string;
  /** Whether this conversation is looked at right now. */
  watched(conversation: string): boolean;
  visible(): boolean;
  open(conversation: string): void;
  openLongest(): void;
}

const BLINK_MS = 1_200;

export class Calling {
  private readonly _fresh = new Freshness();
  private readonly _met = new Set<string>();
  private _unread = 0;
  private _blinking: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly _screen: Screen, private readonly _toasts: Toasts) {}

  /** The server's time, as far as can be told from what came. */
  now(): number {
    return this._fresh.server(Date.now());
  }

  heard(event: LogEvent, item: Item): void {
    const fresh = this._fresh.fresh(event.at, Date.now());
    const call = callOf(event, item, this._screen.me);
    if (!call || !fresh || (call.kind === "waiting" && !wishes.value.waiting)) return;
    const watched = this._screen.watched(call.conversation);
    if (watched && !URGENT.has(call.kind)) return;
    this._call(call, visitorName(item.visitor, item.visitor_name));
  }

  /** A page of somebody who was on none before, as far as this desk has seen. */
  seen(event: LogEvent, visitor: string, known: boolean): void {
    const first = !known && !this._met.has(visitor);
    this._met.add(visitor);
    if (!first || !this._fresh.fresh(event.at, Date.now()) || !wishes.value.arrivals) return;
    const page = event.data?.["page"] as { title?: string; url?: string } | undefined;
    const text = fill(words().calls["arrival"]!, { name: visitorName(visitor, event.actor.name) });
    if (wishes.value.sound) chime();
    this._toasts.say({ tone: "call", text: `${text} ${page?.title || page?.url || ""}` });
    this._notify(text, page?.title ?? page?.url ?? "", `arrival:${visitor}`, () => {});
  }

  count(unread: number): void {
    this._unread = unread;
    if (unread === 0) this.calm();
    title(unread, "Parley");
  }

  /** Somebody looks: the title stands still again. */
  calm(): void {
    clearInterval(this._blinking);
    this._blinking = undefined;
    title(this._unread, "Parley");
  }

  private _call(call: Call, name: string): void {
    const text = fill(words().calls[call.kind]!, { name });
    const open = () => this._screen.open(call.conversation);
    const urgent = URGENT.has(call.kind);
    if (wishes.value.sound) chime(call.kind === "message" || call.kind === "assigned" ? "message" : "waiting");
    if (urgent || call.kind === "assigned") this._toasts.say({ tone: "call", text, act: { label: words().look, run: open }, conversation: call.conversation, many: this._gathered(call.kind) });
    if (this._screen.visible()) return;
    this._notify(text, call.text, call.conversation, open);
    this._blink(text);
  }

  /** Whoever comes in may be told of several at once. */
  private _gathered(kind: Call["kind"]): NonNullable<Toast["many"]> {
    const act = kind === "unanswered" && { act: { label: words().lookLongest, run: () => this._screen.openLongest() } };
    return { kind, text: (n) => fill(words().manyCalls[kind]!, { n }), ...act };
  }

  private _notify(heading: string, body: string, tag: string, open: () => void): void {
    if (wishes.value.notify && !this._screen.visible()) notify({ title: heading, body, tag, open });
  }

  /** The title says what happened and how much there is, by turns. */
  private _blink(text: string): void {
    clearInterval(this._blinking);
    let news = true;
    document.title = text;
    this._blinking = setInterval(() => {
      news = !news;
      if (news) document.title = text;
      else title(this._unread, "Parley");
    }, BLINK_MS);
  }
}
