/**
 * The pages of a visit that the server has not heard of: they may be left before the chat is there. This
 * tab's own; the first one, which says where the visit comes from, and the latest.
 */
import type { Passed } from "../../client/door";
import type { Page } from "../../client/types";
import { uuid7 } from "../../client/uuid";
import { keep, kept } from "./stored";

/** As many as the server takes, and the present one. */
const MOST = 17;
const LONGEST_URL = 2000;
const LONGEST_TITLE = 300;

export function pageNow(): Page {
  const { referrer } = document;
  return {
    url: cut(location.href, LONGEST_URL),
    title: cut(document.title, LONGEST_TITLE),
    ...(referrer ? { referrer: cut(referrer, LONGEST_URL) } : {}),
  };
}

/** Half a sign, as where an emoji is cut in two, is no text that a server can read. */
function cut(text: string, most: number): string {
  return text.slice(0, most).replace(/\p{Surrogate}/gu, "");
}

export class Path {
  constructor(private readonly _key: string) {}

  /** Another page is looked at, the first of a visit or a further one. */
  begin(first: boolean): void {
    const before = first ? [] : this.untold();
    const [landing, ...rest] = [...before, { id: uuid7(), page: pageNow() }];
    keep(this._key, [landing!, ...rest.slice(1 - MOST)]);
  }

  /** In their order; the last is the present one, unless that was told. */
  untold(): Passed[] {
    return kept<Passed[]>(this._key) ?? [];
  }

  told(pages: Passed[]): void {
    const ids = new Set(pages.map(({ id }) => id));
    keep(this._key, this.untold().filter(({ id }) => !ids.has(id)));
  }
}
