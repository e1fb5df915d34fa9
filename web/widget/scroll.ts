/**
 * Keeps the newest words in sight as long as the reader is there, and never tears the reader away
 * from older ones.
 */
import { signal } from "@preact/signals-core";

const NEAR_PX = 60;

export class Scroll {
  /** Something new lies below what is in sight. */
  readonly below = signal(false);
  private box: HTMLElement | null = null;
  private stuck = true;
  private seen = "";
  /** Less room, as for a rating, must not cover what was last said. */
  private readonly room = new ResizeObserver(() => this.stuck && this.toEnd());

  readonly attach = (box: HTMLElement | null): void => {
    this.room.disconnect();
    this.box = box;
    this.stuck = true;
    if (box) this.room.observe(box);
  };

  /** After a drawing; `newest` names what is last now. */
  follow(newest: string, own: boolean): void {
    if (newest === this.seen) return;
    this.seen = newest;
    if (this.stuck || own) this.toEnd();
    else this.below.value = true;
  }

  readonly toEnd = (): void => {
    if (this.box) this.box.scrollTop = this.box.scrollHeight;
  };

  readonly scrolled = (): void => {
    if (!this.box) return;
    const { scrollHeight, scrollTop, clientHeight } = this.box;
    this.stuck = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    if (this.stuck) this.below.value = false;
  };
}
