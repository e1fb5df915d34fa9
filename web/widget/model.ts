/**
 * What the widget's screen knows and can do: the client's signals brought into the shape that is
 * drawn. It draws nothing, and decides nothing about delivery.
 */
import { computed, effect, signal } from "@preact/signals-core";
import { lastVersion, thread, unread, type Item } from "../client/thread";
import { blank, prepend } from "../client/transcript";
import type { LogEvent } from "../client/types";
import type { Visitor } from "../client/visitor";
import { byTag, pick } from "../i18n/pick";
import { keep, kept, wasOpen } from "./kept";
import { keyboardFit } from "./keyboard";
import type { Words } from "./messages/en";
import { Scroll } from "./scroll";

const spoken = byTag<Words>(import.meta.glob("./messages/*.ts", { eager: true, import: "default" }));

export const LIMIT = 10_000;
const TYPING_EVERY_MS = 3_000;
const TYPING_STOPS_MS = 4_000;
const EARLIER = 200;

const NOTHING = blank("");

export class Model {
  readonly open = signal(wasOpen);
  /** Whether the window was opened on this page: only then may it take the focus. */
  asked = false;
  readonly visible = signal(document.visibilityState === "visible");
  readonly network = signal(navigator.onLine);
  readonly loading = signal(false);
  /** Half-written words: they outlive the window's closing, and the page. */
  readonly draft = signal(kept.slice(1));
  readonly asking = signal(false);
  /** Stars given but not sent; below 0 once they were. */
  readonly stars = signal(0);
  readonly scroll = new Scroll();
  readonly fit = keyboardFit();
  readonly language: string;
  readonly words: Words;
  private _typingSince = 0;
  private _typingEnd = 0;
  private _readUpto = "";

  constructor(readonly visitor: Visitor, wanted: readonly string[], readonly inline: boolean) {
    this.language = pick(Object.keys(spoken), wanted);
    this.words = spoken[this.language]!;
    this.open.value ||= inline;
    effect(() => this._markRead());
    effect(() => keep(this.open.value, this.draft.value));
  }

  readonly view = computed(() => {
    const id = this.visitor.conversation.value;
    return (id ? this.visitor.client.books.get(id)?.value : null) ?? NOTHING;
  });

  private readonly _reader = computed(() => ({ role: "visitor", id: this.visitor.client.actor.value ?? "" }));

  readonly items = computed((): Item[] => {
    const { pending, landed } = this.visitor.client.outbox;
    return thread(this.view.value, pending.value, landed.value, this._reader.value);
  });

  readonly unread = computed(() => unread(this.view.value, this._reader.value));

  readonly typist = computed(() => this.visitor.client.typists.by.value[this.view.value.conversation]);

  /** Words on their way reopen a closed conversation, so it is not spoken of as closed. */
  readonly closed = computed(
    () => this.view.value.status === "closed" && !this.items.value.some((item) => item.state === "sending"),
  );

  readonly line = computed((): "online" | "connecting" | "reconnecting" | "offline" | "unavailable" => {
    const phase = this.visitor.client.phase.value;
    const waiting = this.items.value.some((item) => item.state === "sending");
    if (phase === "online" && (this.network.value || !waiting)) return "online";
    if (phase === "refused") return "unavailable";
    if (!this.network.value) return "offline";
    return this.items.value.length > 0 || phase === "waiting" ? "reconnecting" : "connecting";
  });

  /** To be called after each drawing. */
  drawn(): void {
    const last = this.items.value.at(-1);
    const rest = `${last?.state} ${this.typist.value?.id} ${this.closed.value}`;
    if (!this.closed.value) this.stars.value = 0;
    if (this.open.value) this.scroll.follow(last?.id ?? "", rest, last?.state === "sending");
  }

  toggle(open = !this.open.value): void {
    this.asked = true;
    this.open.value = open || this.inline;
  }

  write(text: string): void {
    this.draft.value = text;
    this.typing(text.trim() !== "");
  }

  readonly length = computed(() => [...this.draft.value].length);

  readonly ready = computed(() => this.draft.value.trim() !== "" && this.length.value <= LIMIT);

  say(): void {
    if (!this.ready.value) return;
    void this.visitor.say(this.draft.value.trim());
    this.write("");
  }

  rate(comment: string): void {
    this.visitor.do("rate", { rating: this.stars.value, ...(comment.trim() ? { comment: comment.trim() } : {}) });
    this.stars.value = -1;
  }

  typing(on: boolean): void {
    const id = this.visitor.conversation.value;
    const now = Date.now();
    clearTimeout(this._typingEnd);
    if (on) this._typingEnd = window.setTimeout(() => this.typing(false), TYPING_STOPS_MS);
    const due = on ? now - this._typingSince > TYPING_EVERY_MS : this._typingSince > 0;
    if (!id || !due) return;
    this._typingSince = on ? now : 0;
    this.visitor.client.typing(id, on);
  }

  end(): void {
    this.visitor.do("close", {});
    this.asking.value = false;
  }

  /** What the cache left out, a page at a time, by HTTP. */
  async earlier(): Promise<void> {
    const view = this.view.value;
    const after = Math.max(0, view.trimmed - EARLIER);
    this.loading.value = true;
    try {
      const range = await this.visitor.pull<{ events: LogEvent[] }>(
        `/v1/conversations/${view.conversation}/events?after=${after}&limit=${view.trimmed - after}`,
      );
      const book = this.visitor.client.books.get(view.conversation);
      if (book) this.scroll.keep(() => (book.value = prepend(book.value, range.events, after)));
    } catch {
      // The button stays, to be pressed again.
    } finally {
      this.loading.value = false;
    }
  }

  private _markRead(): void {
    const upto = lastVersion(this.view.value, "visitor");
    if (!this.open.value || !this.visible.value || this.unread.value === 0) return;
    const mark = `${this.view.value.conversation}:${upto}`;
    if (mark === this._readUpto) return;
    this._readUpto = mark;
    this.visitor.do("read", { upto });
  }
}
