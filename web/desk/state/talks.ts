/** What is shown of each conversation: its lines, whose it is, how much of it is unread, and whether it waits too long. */
import { computed } from "@preact/signals";
import { thread, unread, type Item as Line } from "../../client/thread";
import { blank, prepend, type Transcript } from "../../client/transcript";
import type { Desk } from "./desk";
import { unreadCount } from "./inbox";
import { TAIL } from "./listing";

export class Talks {
  private readonly _names = computed(() => new Map([...this._desk.listing.items.value.values()].map((item) => [item.visitor, item.visitor_name])));

  constructor(private readonly _desk: Desk) {}

  transcript(id: string): Transcript {
    void this._desk.front.tabs.value;
    return this._desk.client.books.get(id)?.value ?? blank(id);
  }

  lines(id: string): Line[] {
    const { client, listing } = this._desk;
    const here = <T extends { conversation: string | null }>(one: T): boolean => one.conversation === id;
    const landed = client.outbox.landed.value.filter((one) => here(one.entry));
    const lines = thread(this.transcript(id), client.outbox.pending.value.filter(here), landed, this._self());
    // The list may know of an erasure before the conversation's own feed does.
    return listing.get(id)?.status === "erased" ? lines.map((line) => ({ ...line, text: "", erased: true })) : lines;
  }

  /** Brings in what lies before what is shown. */
  async earlier(id: string): Promise<void> {
    const { trimmed } = this.transcript(id);
    const after = Math.max(0, trimmed - TAIL);
    try {
      const range = await this._desk.api.events(id, after, trimmed - after);
      const book = this._desk.client.books.get(id);
      if (book) book.value = prepend(book.value, range.events, after);
    } catch (error) {
      this._desk.toasts.complain(error);
    }
  }

  /** How many of a conversation's messages are unread; 0 where some are and nobody knows how many. */
  unread(id: string): number {
    const book = this._desk.client.books.get(id)?.value;
    const item = this._desk.listing.get(id);
    if (book && book.trimmed === 0 && book.lines.length > 0) return unread(book, this._self());
    return item ? unreadCount(item, this._desk.me.agent) : 0;
  }

  /** Whether its visitor has waited longer than is wished. */
  overdue(id: string): boolean {
    const item = this._desk.listing.get(id);
    const limit_ms = this._desk.workspace.settings.value.routing.remind_after_s * 1_000;
    if (!item?.unanswered_at || item.status !== "open") return false;
    return item.late === true || (limit_ms > 0 && this._desk.now.value - Date.parse(item.unanswered_at) > limit_ms);
  }

  /** What a visitor is called, by their last conversation. */
  nameOf(visitor: string): string | null {
    return this._names.value.get(visitor) ?? null;
  }

  private _self(): { role: "agent"; id: string } {
    return { role: "agent", id: this._desk.me.agent };
  }
}
