/**
 * What the chat's screen knows and can do: the client's signals brought into the shape that is
 * drawn, and the parts of `state/` put together. It draws nothing, and decides nothing about delivery.
 */
import { computed, effect, signal, type ReadonlySignal } from "@preact/signals-core";
import { thread, unread, type Item } from "../client/thread";
import { blank } from "../client/transcript";
import type { Body } from "../client/types";
import type { Visitor } from "../client/visitor";
import { Kept } from "./kept";
import { keyboardFit } from "./keyboard";
import type { Channel } from "./loader/setup";
import type { Words } from "./messages/en";
import { Scroll } from "./scroll";
import { inLanguage, type OwnText, type Site } from "./site";
import type { Outcome } from "./state/answers";
import { Attachments, type Ways } from "./state/attachments";
import { Beginning } from "./state/beginning";
import { Composing } from "./state/composing";
import { Earlier } from "./state/earlier";
import { Emoji } from "./state/emoji";
import { Forms } from "./state/forms";
import { Greeter } from "./state/greeter";
import { Nudges } from "./state/nudges";
import { Reading } from "./state/reading";
import { Stage } from "./state/stage";
import type { Tongue } from "./state/tongue";
import { Viewer } from "./state/viewer";
import { Visits } from "./state/visits";
import { Waiting } from "./state/waiting";

const NOTHING = blank("");

export interface Place {
  channel: Channel;
  /** Under which the browser keeps what is this site's. */
  key: string;
  base: string;
  /** The id of the site. */
  id: string;
  site: ReadonlySignal<Site>;
  ways: Ways;
  /** To be asked before the window closes; the answer gives the focus back, if it was in there. */
  leaving(): () => void;
}

export class Model {
  readonly stage: Stage;
  readonly composing: Composing;
  readonly visits: Visits;
  readonly greeter: Greeter;
  readonly nudges = new Nudges(this);
  readonly forms: Forms;
  readonly waiting: Waiting;
  readonly files: Attachments;
  readonly viewer: Viewer;
  readonly earlier: Earlier;
  readonly emoji: Emoji;
  /** Files are held over the window. */
  readonly dragged = signal(false);
  readonly copied = signal(false);
  readonly asking = signal(false);
  /** Stars given but not sent; below 0 once they were. */
  readonly stars = signal(0);
  readonly scroll = new Scroll();
  readonly fit = keyboardFit();
  /** The last file that was chosen. */
  private _file = "";
  private readonly _beginning: Beginning;

  constructor(readonly visitor: Visitor, readonly tongue: Tongue, readonly place: Place) {
    const kept = new Kept(place.key);
    this.stage = new Stage(place.channel, kept.open);
    this.composing = new Composing(kept.draft, (on) => this._typing(on));
    this.visits = new Visits(`${place.key}:visit`);
    this._beginning = new Beginning(place.channel, () => tongue.tag, visitor.invitation, this.visits, this.view);
    this.forms = new Forms(`${place.key}:form`, place.site, this.visits, this.talking, (outcome) => this._answered(outcome));
    this.waiting = new Waiting(place.site, this.view, this.talking, visitor.queue, this.visits, (email) => void visitor.tell("introduce", { email }));
    this.files = new Attachments(visitor, place.ways, () => this._beginning.now());
    this.viewer = new Viewer(() => this.files.store());
    this.earlier = new Earlier(visitor);
    this.emoji = new Emoji(`${place.key}:emoji`);
    this.greeter = new Greeter(this.visits, {
      site: () => place.site.value,
      language: () => tongue.tag,
      engaged: () => this.stage.open.peek() || this.hidden.value || (this.talking.value && !this.closed.value),
      greeted: (greeting) => void visitor.tell("greeted", greeting),
      open: () => this.stage.whole.value || (this.stage.open.value = true),
    });
    new Reading(this.view, this.unread, this.stage, (op, upto) => visitor.do(op, { upto }));
    effect(() => kept.keep(this.stage.open.value, this.composing.draft.value));
  }

  get words(): Words {
    return this.tongue.words;
  }

  get appearance(): Site["appearance"] {
    return this.place.site.value.appearance;
  }

  /** What the owner wrote in place of our own words, if anything. */
  own(text: OwnText): string | undefined {
    return inLanguage(this.appearance.texts, this.tongue.tag)?.[text] || undefined;
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

  /** Something was said, by whomever. */
  readonly talking = computed(() => this.items.value.some((item) => item.kind === "message"));

  /** Outside working hours there is no button, where the owner wants it so and nothing was said yet. */
  readonly hidden = computed(() => this.appearance.hide_when_closed && !this.place.site.value.open && !this.stage.open.value && !this.talking.value);

  readonly unread = computed(() => unread(this.view.value, this._reader.value));

  readonly typist = computed(() => this.visitor.client.typists.by.value[this.view.value.conversation]);

  /** Words on their way reopen a closed conversation, so it is not spoken of as closed. */
  readonly closed = computed(
    () => this.view.value.status === "closed" && !this.items.value.some((item) => item.state === "sending"),
  );

  readonly line = computed((): "online" | "connecting" | "reconnecting" | "offline" | "unavailable" => {
    const phase = this.visitor.client.phase.value;
    const waiting = this.items.value.some((item) => item.state === "sending");
    if (phase === "online" && (this.stage.network.value || !waiting)) return "online";
    if (phase === "refused") return "unavailable";
    if (!this.stage.network.value) return "offline";
    return this.items.value.length > 0 || phase === "waiting" ? "reconnecting" : "connecting";
  });

  get takesFiles(): boolean {
    return this.appearance.files && this.forms.which.value === null;
  }

  /** To be called after each drawing. */
  drawn(): void {
    const last = this.items.value.at(-1);
    const rest = `${last?.state} ${this.typist.value?.id} ${this.closed.value}`;
    if (!this.closed.value) this.stars.value = 0;
    const file = this.files.underWay.value.at(-1)?.key ?? "";
    const own = last?.state === "sending" || (file !== "" && file !== this._file);
    this._file = file;
    if (this.stage.open.value) this.scroll.follow(`${last?.id} ${file}`, rest, own);
  }

  toggle(open?: boolean): void {
    const left = this.place.leaving();
    this.stage.toggle(open);
    if (this.stage.open.value) this.greeter.dismiss();
    else left();
  }

  say(): void {
    const { composing } = this;
    if (!composing.ready.value) return;
    this._say({ text: composing.draft.value.trim() });
    composing.write("");
    this.waiting.left.value = "";
  }

  rate(comment: string): void {
    this.visitor.do("rate", { rating: this.stars.value, ...(comment.trim() ? { comment: comment.trim() } : {}) });
    this.stars.value = -1;
  }

  end(): void {
    this.visitor.do("close", {});
    this.asking.value = false;
  }

  private _say(body: Body): void {
    void this.visitor.say(body, this._beginning.now());
  }

  private _answered({ introduction, question, department }: Outcome): void {
    this.stage.asked = true;
    this._beginning.department = department;
    if (Object.keys(introduction).length > 0) void this.visitor.tell("introduce", introduction);
    if (question) this._say({ text: question });
  }

  private _typing(on: boolean): boolean {
    const id = this.visitor.conversation.value;
    if (id) this.visitor.client.typing(id, on);
    return id !== null;
  }
}
