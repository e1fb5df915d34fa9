/** What others say while the window is closed, and what they said before the visitor's first words. */
import { computed, signal } from "@preact/signals-core";
import type { Item } from "../../client/thread";
import type { Greeting } from "../../client/types";
import type { Model } from "../model";

export interface Nudge {
  name: string;
  text: string;
}

export class Nudges {
  /** The newest message when what was shown was not wanted. */
  private readonly _hushed = signal("");

  constructor(private readonly _model: Model) {}

  /** What was said before the visitor's first words, which answer it or may. */
  readonly greeting = computed((): string | null => {
    const { view, visits, talking, visitor } = this._model;
    if (visitor.invitation.value && !talking.value) return visitor.invitation.value.text;
    const started = view.value.lines.find((line) => line.type === "conversation.started");
    const answered = started?.data?.["greeting"] as Greeting | undefined;
    return answered?.text ?? visits.now.greeting?.text ?? null;
  });

  /** Somebody here has asked behind an earlier conversation. */
  readonly asked = computed(() => (this._model.talking.value ? this._model.visitor.invitation.value : null));

  /** What is shown beside the button while the window is closed. */
  readonly now = computed((): Nudge | null => (this._model.stage.open.value ? null : this._message() ?? this._invitation() ?? this._welcome()));

  /** What is shown there is not wanted. */
  hush(): void {
    const { visitor, visits, greeter } = this._model;
    const invitation = visitor.invitation.value?.invitation;
    if (invitation) visits.change((visit) => ({ ...visit, greeted: [...visit.greeted, invitation] }));
    greeter.dismiss();
    this._hushed.value = this._last()?.id ?? "";
  }

  private _last(): Item | undefined {
    return this._model.items.value.findLast((item) => item.kind === "message");
  }

  private _message(): Nudge | null {
    const { unread, words } = this._model;
    const last = unread.value > 0 ? this._last() : undefined;
    if (last?.state !== "theirs" || last.id === this._hushed.value) return null;
    return { name: last.actor.name || words.team, text: last.text || words.file };
  }

  private _invitation(): Nudge | null {
    const { visitor, visits, words } = this._model;
    const invitation = visitor.invitation.value;
    if (!invitation || visits.now.greeted.includes(invitation.invitation)) return null;
    return { name: invitation.agent.name || words.team, text: invitation.text };
  }

  private _welcome(): Nudge | null {
    const { greeter, place, words } = this._model;
    const text = greeter.bubble.value;
    return text === null ? null : { name: place.site.value.name || words.team, text };
  }
}
