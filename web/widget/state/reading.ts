/** What the visitor has seen of what others say, and the marks that tell of it: read while it is looked at, delivered while it is not. */
import { effect, type ReadonlySignal } from "@preact/signals-core";
import { Receipts, type Due } from "../../client/receipts";
import { lastVersion } from "../../client/thread";
import type { Transcript } from "../../client/transcript";
import type { Stage } from "./stage";

export class Reading {
  private _mark = "";

  constructor(
    private readonly _view: ReadonlySignal<Transcript>,
    private readonly _unread: ReadonlySignal<number>,
    private readonly _stage: Stage,
    private readonly _tell: (op: "read" | "delivered", upto: number) => void,
  ) {
    effect(() => this._read());
    new Receipts(() => this._unseen(), (_conversation, upto) => this._tell("delivered", upto));
  }

  private get _looking(): boolean {
    return this._stage.open.value && this._stage.visible.value;
  }

  private _unseen(): Due {
    const { conversation, reads, delivered } = this._view.value;
    const upto = lastVersion(this._view.value, "visitor");
    const known = Math.max(reads.visitor, delivered?.visitor ?? 0);
    return new Map(upto > known && !this._looking ? [[conversation, upto]] : []);
  }

  private _read(): void {
    const upto = lastVersion(this._view.value, "visitor");
    if (!this._looking || this._unread.value === 0) return;
    const mark = `${this._view.value.conversation}:${upto}`;
    if (mark === this._mark) return;
    this._mark = mark;
    this._tell("read", upto);
  }
}
