/** Something loaded from the server, of which only the last wish counts. What was there stays until the new is here. */
import { signal } from "@preact/signals";

export interface Loaded<T> {
  state: "idle" | "loading" | "ready" | "failed";
  value?: T;
  error?: unknown;
}

export class Latest<T> {
  readonly now = signal<Loaded<T>>({ state: "idle" });
  private _wish = 0;

  async load(work: () => Promise<T>): Promise<void> {
    const wish = ++this._wish;
    const { value } = this.now.peek();
    this.now.value = { state: "loading", ...(value === undefined ? {} : { value }) };
    const attempt = async (): Promise<T> => work(); // what is thrown at once is a failure too
    const loaded = await attempt().then(
      (fresh): Loaded<T> => ({ state: "ready", value: fresh }),
      (error: unknown): Loaded<T> => ({ state: "failed", error }),
    );
    if (wish === this._wish) this.now.value = loaded;
  }

  /** What was asked before is of no interest any more, and what was there is not shown. */
  forget(): void {
    this._wish += 1;
    this.now.value = { state: "idle" };
  }
}
