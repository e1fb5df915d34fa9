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
  /** Less room, as for a rating, must not cover what was last said. */
  private readonly _room = new ResizeObserver(() => this._stuck && this.toEnd());

  readonly attach = (box: HTMLElement | null): void => {
    this._room.disconnect();
    this._box = box;
    this._stuck = true;
    if (box) this._room.observe(box);
  };

  /** After a drawing; `newest` names what is last now. */
  follow(newest: string, own: boolean): void {
    if (newest === this._seen) return;
    this._seen = newest;
    if (this._stuck || own) this.toEnd();
    else this.below.value = true;
  }

  readonly toEnd = (): void => {
    if (this._box) this._box.scrollTop = this._box.scrollHeight;
  };

  readonly scrolled = (): void => {
    if (!this._box) return;
    const { scrollHeight, scrollTop, clientHeight } = this._box;
    this._stuck = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    if (this._stuck) this.below.value = false;
  };
}
