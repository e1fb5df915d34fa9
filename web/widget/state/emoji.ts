/** The emoji at hand: the picker is fetched when it is first opened; what was used lately is remembered. */
import { signal } from "@preact/signals-core";
import type { Picker } from "../ui/emoji";
import { store, stored } from "../loader/stored";

const LATELY = 14;

export class Emoji {
  /** The picker while it is open. */
  readonly Picker = signal<typeof Picker | null>(null);
  readonly lately = signal<string[]>([]);

  constructor(private readonly _key: string) {
    this.lately.value = stored<string[]>(_key) ?? [];
  }

  async toggle(): Promise<void> {
    if (this.Picker.value) return this.close();
    const { Picker } = await import("../ui/emoji");
    this.Picker.value = Picker;
  }

  close(): void {
    this.Picker.value = null;
  }

  used(sign: string): void {
    this.lately.value = [sign, ...this.lately.value.filter((one) => one !== sign)].slice(0, LATELY);
    store(this._key, this.lately.value);
  }
}
