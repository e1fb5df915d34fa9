/** Which of this agent's conversations have something new on this device that it does not look at. */
import type { Due } from "../../client/receipts";
import { isUnread, type Item, type Items } from "./inbox";

/** Only the latest are told of: who comes back to a thousand reads, and that says more. */
const MOST = 50;

/** `seen`: the conversation that is looked at. */
export function arrived(items: Items, me: string, seen: string | null): Due {
  const due = [...items.values()].filter((item) => item.assignee === me && item.id !== seen && isUnread(item, me));
  return new Map(due.sort(latestFirst).slice(0, MOST).map((item) => [item.id, item.last_visitor_version]));
}

function latestFirst(a: Item, b: Item): number {
  return a.last_at < b.last_at ? 1 : -1;
}
