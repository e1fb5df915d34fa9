/** The form before a conversation: by working hours one or the other, until it was filled in once in this visit. */
import { computed, effect, signal, type ReadonlySignal } from "@preact/signals-core";
import { keep, kept } from "../loader/stored";
import type { Form, Site } from "../site";
import { faults, outcome, type Answers, type Fault, type Outcome } from "./answers";
import type { Visits } from "./visits";

export type Which = "prechat" | "offline";

export class Forms {
  /** Half-filled, they outlive the page. */
  readonly answers;
  readonly faults = signal<Record<string, Fault>>({});
  /** Counts the tries that failed, so that each may lead to the first fault. */
  readonly refused = signal(0);
  /** The message of the offline form is on its way. */
  readonly thanked = signal(false);

  constructor(
    key: string,
    private readonly _site: ReadonlySignal<Site>,
    private readonly _visits: Visits,
    private readonly _talking: ReadonlySignal<boolean>,
    private readonly _taken: (outcome: Outcome) => void,
  ) {
    this.answers = signal(kept<Answers>(key) ?? {});
    effect(() => keep(key, this.answers.value));
  }

  readonly which = computed((): Which | null => {
    const { open, appearance } = this._site.value;
    const which = open ? "prechat" : "offline";
    const due = appearance[which] && !this._talking.value && !this._visits.now.answered.includes(which);
    return due ? which : null;
  });

  get form(): Form | null {
    const which = this.which.value;
    return which && this._site.value.appearance[which];
  }

  /** What is mended is not complained of any more. */
  answer(key: string, text: string): void {
    this.answers.value = { ...this.answers.value, [key]: text };
    const { [key]: _mended, ...rest } = this.faults.value;
    this.faults.value = rest;
  }

  submit(): void {
    const { form } = this;
    const which = this.which.value;
    if (!form || !which) return;
    this.faults.value = faults(form, this.answers.value);
    if (Object.keys(this.faults.value).length > 0) return void this.refused.value++;
    const result = outcome(form, this.answers.value);
    this._visits.change((visit) => ({ ...visit, answered: [...visit.answered, which], reachable: visit.reachable || !!result.introduction.email }));
    this.thanked.value = which === "offline" && result.question !== "";
    this.answers.value = {};
    this._taken(result);
  }
}
