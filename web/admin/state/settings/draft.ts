/** Something that is being changed: what it was, what it is to be, what is wrong with it, and how saving went. It draws nothing. */
import { computed, signal } from "@preact/signals";
import { ApiError } from "../../../client/http";
import type { Problem, Problems } from "./checks";
import { overtaken, type Answered } from "./office";
import type { Seen } from "./values";

export type Outcome = { kind: "idle" | "saving" | "saved" | "same" | "wrong" } | { kind: "failed" | "overtaken"; error: unknown };

/** One field of a draft, as an input needs it. */
export interface Bound<V> {
  readonly value: V;
  readonly path: string;
  readonly problem: Problem | undefined;
  set(value: V): void;
  /** Whoever has left a field wants to know what is wrong with it; before that, and before anything is written, nobody does. */
  leave(): void;
}

export interface Making<T> {
  check?: (value: T) => Problems;
  /** What is sent and compared: without what is empty. */
  tidy?: (value: T) => T;
  /** Answers whether anything has changed. `seen` is of what the draft began with. */
  save: (value: T, seen: Seen) => Promise<Answered | boolean>;
}

/** What the server has, by now. */
interface Held<T> {
  value: T;
  seen: Seen;
}

export class Draft<T extends object> {
  readonly value;
  readonly outcome = signal<Outcome>({ kind: "idle" });
  readonly problems = computed(() => this._making.check?.(this.value.value) ?? {});
  readonly dirty = computed(() => this._text(this.value.value) !== this._text(this._base.value));
  private readonly _base;
  private readonly _left = signal<ReadonlySet<string>>(new Set());
  private readonly _all = signal(false);
  private readonly _said = signal<Problems>({});
  /** What somebody wrote before they looked at what another has saved. */
  readonly mine = signal<T | null>(null);
  private _seen: Seen;
  private readonly _held;

  constructor(base: T, private readonly _making: Making<T>, seen?: Seen) {
    this._base = signal(base);
    this.value = signal(base);
    this._seen = seen;
    this._held = signal<Held<T>>({ value: base, seen });
  }

  at<K extends keyof T & string>(key: K): Bound<T[K]> {
    return this._bound(key, this.value.value[key], (value) => this.set({ ...this.value.peek(), [key]: value }));
  }

  set(value: T): void {
    this.value.value = value;
    this._said.value = {};
    if (this.outcome.peek().kind !== "idle") this.outcome.value = { kind: "idle" };
  }

  revert(): void {
    this.mine.value = null;
    if (this.outcome.peek().kind === "overtaken") this._adopt(this._held.peek());
    this.set(this._base.peek());
    this._left.value = new Set();
    this._all.value = false;
  }

  /** Whether it is saved now, or was already. */
  async save(): Promise<boolean> {
    if (this.outcome.peek().kind === "saving") return false;
    this._all.value = true;
    if (Object.keys(this.problems.peek()).length > 0) return this._ends({ kind: "wrong" });
    const wanted = this.value.peek();
    if (!this.dirty.peek()) return this._ends({ kind: "same" });
    this.outcome.value = { kind: "saving" };
    try {
      const { changed, version } = answered(await this._making.save(this._tidied(wanted), this._seen));
      this._base.value = wanted;
      if (changed && version !== undefined) this._seen = version;
      this._all.value = false;
      this._left.value = new Set();
      this.mine.value = null;
      const ended = this._ends({ kind: changed ? "saved" : "same" });
      if (newer(this._held.peek().seen, this._seen, changed)) this._adopt(this._held.peek());
      return ended;
    } catch (error) {
      if (overtaken(error)) return this._ends({ kind: "overtaken", error });
      const field = refusedField(error);
      if (field) this.blame(field, { code: "refused" });
      return this._ends({ kind: "failed", error });
    }
  }

  /** The server has something else by now; what somebody is writing stays. */
  follow(value: T, seen?: Seen): void {
    this._held.value = { value, seen };
    if (!this.dirty.peek() && this.outcome.peek().kind !== "saving") this._adopt(this._held.peek());
  }

  /** What of it another has changed since this one was begun: the names of its parts. */
  get differing(): string[] {
    const [base, held] = [this._base.value, this._held.value.value] as [Record<string, unknown>, Record<string, unknown>];
    return Object.keys({ ...base, ...held }).filter((name) => JSON.stringify(sorted(base[name])) !== JSON.stringify(sorted(held[name])));
  }

  /** Shows what another has saved; what was written here is kept. */
  look(): void {
    this.mine.value = this.value.peek();
    this._adopt(this._held.peek());
    this.outcome.value = { kind: "idle" };
  }

  /** Back to what was written here, which can be saved now. */
  back(): void {
    const mine = this.mine.peek();
    this.mine.value = null;
    if (mine) this.set(mine);
  }

  /** Saves what was written here, though another has saved something else, or has taken it away. */
  insist(): Promise<boolean> {
    const outcome = this.outcome.peek();
    const gone = outcome.kind === "overtaken" && overtaken(outcome.error) && !outcome.error.told.current;
    if (!gone) this._base.value = this._held.peek().value;
    this._seen = gone ? "none" : this._held.peek().seen;
    return this.save();
  }

  private _adopt({ value, seen }: Held<T>): void {
    this._base.value = value;
    this._seen = seen;
    this.value.value = value;
  }

  /** Begins anew with something else. */
  begin(value: T): void {
    this._base.value = value;
    this.revert();
  }

  /** Says of a field what the server has said of it. */
  blame(path: string, problem: Problem): void {
    this._said.value = { [path]: problem };
  }

  private _ends(outcome: Outcome): boolean {
    this.outcome.value = outcome;
    return outcome.kind === "saved" || outcome.kind === "same";
  }

  private _bound<V>(path: string, value: V, set: (value: V) => void): Bound<V> {
    const draft = this;
    return {
      value, path, set,
      get problem() {
        return draft._said.value[path] ?? (draft._all.value || draft._left.value.has(path) ? draft.problems.value[path] : undefined);
      },
      leave: () => void (!this.dirty.peek() || this._left.value.has(path) || (this._left.value = new Set([...this._left.value, path]))),
    };
  }

  /** What was left of a field below another: `when` and `page` are `when.page`. */
  below<P extends object, K extends keyof P & string>(whole: Bound<P>, key: K): Bound<P[K]> {
    return this._bound(`${whole.path}.${key}`, whole.value[key], (value) => whole.set({ ...whole.value, [key]: value }));
  }

  private _tidied(value: T): T {
    return this._making.tidy?.(value) ?? value;
  }

  private _text(value: T): string {
    return JSON.stringify(sorted(this._tidied(value)));
  }
}

/** The same field in another form: `shown` is what an input has, `kept` what is made of that. */
export function translated<V, W>(field: Bound<V>, shown: (value: V) => W, kept: (value: W) => V): Bound<W> {
  return { value: shown(field.value), path: field.path, problem: field.problem, leave: field.leave, set: (value) => field.set(kept(value)) };
}

/** Empty is nothing. */
export function optional<V extends string>(field: Bound<V | null> | Bound<V | null | undefined> | Bound<V | undefined>): Bound<string> {
  return translated(field as Bound<V | null>, (value) => value ?? "", (text) => (text || null) as V | null);
}

/** The server's sentence begins with the field that it will not have: `when.page is a path…`, `prechat.fields[0].key is…`. */
export function refusedField(error: unknown): string | null {
  if (!(error instanceof ApiError) || error.status !== 400) return null;
  return /^([a-z_]+(?:[.[][\w-]+\]?)*) /.exec(error.message)?.[1]?.replace(/\[(\w+)\]/g, ".$1") ?? null;
}

function answered(answer: Answered | boolean): Answered {
  return typeof answer === "boolean" ? { changed: answer } : answer;
}

/** Whether what the server has is as new as what was just saved, so that it can be shown. */
function newer(held: Seen, seen: Seen, changed: boolean): boolean {
  return typeof held === "number" && typeof seen === "number" && (changed ? held >= seen : held > seen);
}

/** Two values are the same whatever the order in which their parts were named. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, part]) => [key, sorted(part)]));
}
