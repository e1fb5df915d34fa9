/** What was changed and not saved is not lost by a click elsewhere: whoever goes is asked. */
import { signal } from "@preact/signals";

/** What a form says of itself. */
export interface Guarded {
  dirty: { readonly value: boolean; peek(): boolean };
  save(): Promise<boolean>;
  revert(): void;
}

export class Guard {
  /** Where somebody wants to go; null: nowhere. */
  readonly asking = signal<(() => void) | null>(null);
  private readonly _forms = new Set<Guarded>();

  /** Watches a form until the answer is called. */
  watch(form: Guarded): () => void {
    this._forms.add(form);
    return () => void this._forms.delete(form);
  }

  get dirty(): boolean {
    return this._changed().length > 0;
  }

  ask(go: () => void): void {
    if (this.dirty) this.asking.value = go;
    else go();
  }

  stay(): void {
    this.asking.value = null;
  }

  discard(): void {
    this._changed().forEach((form) => form.revert());
    this._go();
  }

  /** Goes if all of it could be saved; else one sees at the form what is wrong. */
  async save(): Promise<void> {
    const go = this.asking.peek();
    this.asking.value = null;
    for (const form of this._changed()) if (!(await form.save())) return;
    go?.();
  }

  private _go(): void {
    const go = this.asking.peek();
    this.asking.value = null;
    go?.();
  }

  private _changed(): Guarded[] {
    return [...this._forms].filter((form) => form.dirty.peek());
  }
}
