/**
 * Keeps the newest words in sight as long as the reader is there, and never tears the reader away
 * from older ones.
 */
import { signal } from "@preact/signals-core";

const NEAR_PX = 60;

export class Scroll {
  /** Something new lies below what is in sight. */
  readonly below = signal(false);
  private _box: HTMLElement | null = null;
  private _stuck = true;
  private _seen = "";
  private _rest = "";
  /** Less room, as for a rating, must not cover what was last said. */
  private readonly _room = new ResizeObserver(() => {
    this._height = this._box?.clientHeight ?? 0;
    if (this._stuck) this.toEnd();
  });
  private _height = 0;

  readonly attach = (box: HTMLElement | null): void => {
    this._room.disconnect();
    this._box = box;
    this._stuck = true;
    this._height = box?.clientHeight ?? 0;
    if (box) this._room.observe(box);
  };

  /** After a drawing: `newest` names what was said last, `rest` whatever else may take room below it. */
  follow(newest: string, rest: string, own: boolean): void {
    const news = newest !== this._seen;
    if (!news && rest === this._rest) return;
    this._seen = newest;
    this._rest = rest;
    if (this._stuck || (own && news)) this.toEnd();
    else if (news) this.below.value = true;
  }

  /** What comes in above must not move what is being read. */
  keep(change: () => void): void {
    const box = this._box!;
    const left = box.scrollHeight - box.scrollTop;
    change();
    box.scrollTop = box.scrollHeight - left;
  }

  readonly toEnd = (): void => {
    if (this._box) this._box.scrollTop = this._box.scrollHeight;
  };

  readonly scrolled = (): void => {
    if (!this._box) return;
    const { scrollHeight, scrollTop, clientHeight } = this._box;
    // Not the reader's doing: the room has changed, of which the observer is told in a moment.
    if (clientHeight !== this._height) return;
    this._stuck = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    if (this._stuck) this.below.value = false;
  };
}
