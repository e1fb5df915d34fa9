/** What of the desk is in front: the conversations that are open, the one that is looked at, or who is on the site. */
import { signal } from "@preact/signals";
import type { Desk } from "./desk";
import { longestUnanswered } from "./filter";

export class Front {
  readonly tabs = signal<string[]>([]);
  readonly active = signal<string | null>(null);
  /** Whether the conversations are looked at, or who is on the site. */
  readonly view = signal<"talks" | "guests">("talks");
  /** The place in a conversation that is to be shown. */
  readonly sought = signal<{ conversation: string; version: number } | null>(null);

  /** The message whose picture is looked at in large. */
  readonly picture = signal<string | null>(null);

  constructor(private readonly _desk: Desk) {}

  async open(id: string, inFront = true): Promise<void> {
    if (!this.tabs.value.includes(id)) this.tabs.value = [...this.tabs.value, id];
    if (inFront) {
      this.active.value = id;
      this.view.value = "talks";
      this._desk.toasts.arrived(id);
    }
    if (this._desk.listing.loaded.value && !this._desk.listing.get(id)) void this._desk.listing.fetch(id, 0);
    await this._desk.client.open(id, this._desk.listing.seed(id));
    this.tabs.value = [...this.tabs.value];
  }

  /** Where an answer is waited for longest. */
  openLongest(): void {
    const longest = longestUnanswered(this._desk.listing.current.value, this._desk.me.agent);
    if (longest) void this.open(longest.id);
  }

  /** At a place that was found in it. */
  async openAt(conversation: string, version: number): Promise<void> {
    this.sought.value = { conversation, version };
    if (!this._desk.listing.get(conversation)) await this._desk.listing.fetch(conversation, 0);
    await this.open(conversation);
  }

  shut(id: string): void {
    const rest = this.tabs.value.filter((tab) => tab !== id);
    const at = this.tabs.value.indexOf(id);
    if (this.active.value === id) this.active.value = rest[Math.min(at, rest.length - 1)] ?? null;
    this.tabs.value = rest;
    this._desk.client.shut(id);
  }
}
