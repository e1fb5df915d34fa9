/**
 * Says that messages have arrived at this device though nobody looks at them: once for each burst,
 * and not at all when they are read first, since a read mark says that too.
 */
import { effect } from "@preact/signals-core";

/** What arrives within this time is told of together, and what is read within it is not told of. */
const PAUSE_MS = 1_000;

/** Conversation → the newest version that is here and not in sight. */
export type Due = ReadonlyMap<string, number>;

export class Receipts {
  private readonly _told = new Map<string, number>();
  private readonly _forget: () => void;
  private _timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly _due: () => Due, private readonly _tell: (conversation: string, upto: number) => void) {
    this._forget = effect(() => {
      if (this._news(this._due()).length > 0) this._timer ??= setTimeout(() => this._say(), PAUSE_MS);
    });
  }

  end(): void {
    this._forget();
    clearTimeout(this._timer);
  }

  private _news(due: Due): [string, number][] {
    return [...due].filter(([conversation, upto]) => upto > (this._told.get(conversation) ?? 0));
  }

  private _say(): void {
    this._timer = undefined;
    const due = this._due();
    const news = this._news(due);
    for (const conversation of this._told.keys()) if (!due.has(conversation)) this._told.delete(conversation);
    for (const [conversation, upto] of news) {
      this._told.set(conversation, upto);
      this._tell(conversation, upto);
    }
  }
}
