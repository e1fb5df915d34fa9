/** What the cache left out, a page at a time, by HTTP. */
import { signal } from "@preact/signals-core";
import { prepend } from "../../client/transcript";
import type { LogEvent } from "../../client/types";
import type { Visitor } from "../../client/visitor";

const EARLIER = 200;

export class Earlier {
  readonly loading = signal(false);

  constructor(private readonly _visitor: Visitor) {}

  /** `keep` carries the change out so that what is being read stays in sight. */
  async load(conversation: string, trimmed: number, keep: (change: () => void) => void): Promise<void> {
    const after = Math.max(0, trimmed - EARLIER);
    this.loading.value = true;
    try {
      const range = await this._visitor.pull<{ events: LogEvent[] }>(
        `/v1/conversations/${conversation}/events?after=${after}&limit=${trimmed - after}`,
      );
      const book = this._visitor.client.books.get(conversation);
      if (book) keep(() => (book.value = prepend(book.value, range.events, after)));
    } catch {
      // The button stays, to be pressed again.
    } finally {
      this.loading.value = false;
    }
  }
}
