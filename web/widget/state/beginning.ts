/** What a conversation begins with besides its first message: what greeted the visitor, who asked it, where it wants to go. */
import { effect, type ReadonlySignal } from "@preact/signals-core";
import type { Transcript } from "../../client/transcript";
import type { Invitation, Opening } from "../../client/types";
import type { Channel } from "../loader/setup";
import type { Visits } from "./visits";

export class Beginning {
  /** The visitor's own choice, in a form. */
  department: string | undefined;

  constructor(
    private readonly _channel: Channel,
    private readonly _language: () => string,
    private readonly _invitation: ReadonlySignal<Invitation | null>,
    private readonly _visits: Visits,
    view: ReadonlySignal<Transcript>,
  ) {
    effect(() => this._begun(view.value));
  }

  now(): Opening {
    const { greeting } = this._visits.now;
    const invitation = this._invitation.value;
    const opening: Opening = { channel: this._channel, language: this._language() };
    if (invitation) opening.invitation = invitation.invitation;
    else if (greeting) opening.greeting = greeting;
    if (this.department) opening.department = this.department;
    return opening;
  }

  /** What was answered by a conversation is part of it from then on. */
  private _begun(view: Transcript): void {
    if (view.lines.length === 0) return;
    this.department = undefined;
    if (this._visits.now.greeting) this._visits.change((visit) => ({ ...visit, greeting: null }));
  }
}
