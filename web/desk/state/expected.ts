/**
 * The list as it will be once what this agent has done is with the server: shown at once, and
 * again as it is where the server refuses. Pure.
 */
import { isMark, type Entry } from "../../client/queue";
import type { Item, Items } from "./inbox";

export function expected(items: Items, entries: Entry[], me: string): Items {
  const doings = entries.filter((entry) => !entry.refused && entry.conversation && DOINGS[entry.op]);
  if (doings.length === 0) return items;
  const next = new Map(items);
  for (const { conversation, op, fields } of doings) {
    const item = next.get(conversation!);
    if (item && item.status !== "erased") next.set(item.id, { ...item, ...DOINGS[op]!(fields, me) });
  }
  return next;
}

type Doing = (fields: Record<string, unknown>, me: string) => Partial<Item>;

const DOINGS: Record<string, Doing> = {
  assign: ({ agent }, me) => ({ assignee: String(agent ?? me), assignee_name: null, queued_at: null }),
  transfer: ({ agent, department }) =>
    agent ? { assignee: String(agent), assignee_name: null, queued_at: null } : { assignee: null, assignee_name: null, department: String(department) },
  leave: () => ({ assignee: null, assignee_name: null }),
  tag: ({ tags }) => ({ tags: tags as string[] }),
  close: () => ({ status: "closed" }),
  reopen: () => ({ status: "open" }),
};

/**
 * What nobody serves, or nobody served a moment ago (`handed`: since then somebody does), is taken
 * only if nobody serves it: of two who take it at once one is to have it.
 */
export function taking(item: Item | undefined, handed: boolean): Record<string, unknown> {
  return handed || item?.assignee === null ? { free: true } : {};
}

/** Whether something of it is not with the server yet, words apart: those carry a mark of their own. */
export function unsettled(entries: Entry[], conversation: string): boolean {
  return entries.some((entry) => entry.conversation === conversation && !entry.refused && (DOINGS[entry.op] !== undefined || entry.op === "introduce"));
}

/** Of whose refusal no notice tells: nobody has asked for a mark, and words say it where they stand. */
export function silent(entry: Entry): boolean {
  return isMark(entry) || entry.op === "post";
}
