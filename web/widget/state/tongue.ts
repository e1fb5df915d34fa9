/** The language that is spoken, and its words. Each language is a file, fetched when it is needed. */
import { signal } from "@preact/signals-core";
import { byTag } from "../../i18n/pick";
import { language } from "../loader/language";
import { store } from "../loader/stored";
import type { Words } from "../messages/en";

const spoken = byTag<() => Promise<Words>>(import.meta.glob("../messages/*.ts", { import: "default" }) as Record<string, () => Promise<Words>>);

export const TAGS = Object.keys(spoken);

export class Tongue {
  private readonly _now;

  private constructor(private readonly _key: string, tag: string, words: Words) {
    this._now = signal({ tag, words });
  }

  static async of(key: string, page: string | undefined, owner: string | null): Promise<Tongue> {
    const tag = language(TAGS, page, key, owner);
    return new Tongue(key, tag, await spoken[tag]!());
  }

  get tag(): string {
    return this._now.value.tag;
  }

  get words(): Words {
    return this._now.value.words;
  }

  /** The visitor's own choice holds from now on. */
  async choose(tag: string): Promise<void> {
    store(`${this._key}:language`, tag);
    this._now.value = { tag, words: await spoken[tag]!() };
  }
}

/** A language as those who speak it call it. */
export function named(tag: string): string {
  return new Intl.DisplayNames([tag], { type: "language" }).of(tag) ?? tag;
}
