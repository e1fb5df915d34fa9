/** Lets welcome rules speak: at the right moment, one at a time, and never into a conversation. */
import { signal } from "@preact/signals-core";
import type { Greeting } from "../../client/types";
import { inLanguage, type Site, type Welcome } from "../site";
import { delay_ms, fitting } from "./welcome";
import type { Visits } from "./visits";

export interface Surroundings {
  site(): Site;
  language(): string;
  /** The window is open, or somebody talks already. */
  engaged(): boolean;
  greeted(greeting: Greeting): void;
  open(): void;
}

export class Greeter {
  /** What a bubble beside the button says. */
  readonly bubble = signal<string | null>(null);
  private readonly _waiting = new Set<ReturnType<typeof setTimeout>>();

  constructor(private readonly _visits: Visits, private readonly _around: Surroundings) {}

  /** For each page that is looked at. The time on it counts from its beginning. */
  page(url: string, since_ms: number): void {
    this._waiting.forEach(clearTimeout);
    this._waiting.clear();
    const { welcomes, open } = this._around.site();
    for (const rule of fitting(welcomes, { url, visit: this._visits.now, open })) {
      this._waiting.add(setTimeout(() => this._speak(rule), Math.max(0, delay_ms(rule) - since_ms)));
    }
  }

  dismiss(): void {
    this.bubble.value = null;
  }

  private _speak(rule: Welcome): void {
    if (this._around.engaged() || this.bubble.value !== null || this._visits.now.greeted.includes(rule.rule)) return;
    const text = inLanguage(rule.text, this._around.language());
    if (!text) return;
    const greeting = { rule: rule.rule, text };
    this._visits.change((visit) => ({ ...visit, greeting, greeted: [...visit.greeted, rule.rule] }));
    this._around.greeted(greeting);
    if (rule.open) this._around.open();
    else this.bubble.value = text;
  }
}
