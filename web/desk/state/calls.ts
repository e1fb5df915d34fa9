/**
 * Which events call for this agent, and how loudly. Pure: what is made of a call (a sound, a
 * notification) is the alerts' business.
 */
import type { LogEvent } from "../../client/types";
import { wordsOf, type Item } from "./inbox";

export type Kind = "message" | "waiting" | "assigned" | "unanswered" | "missed" | "arrival";

export interface Call {
  kind: Kind;
  conversation: string;
  text: string;
}

/** These are worth words on the screen too, whatever is looked at. */
export const URGENT: ReadonlySet<Kind> = new Set(["unanswered", "missed"]);

export function callOf(event: LogEvent, item: Item, me: string): Call | null {
  const kind = kindOf(event, item, me);
  return kind && { kind, conversation: item.id, text: wordsOf(event.data ?? {}) };
}

function kindOf(event: LogEvent, item: Item, me: string): Kind | null {
  const mine = item.assignee === me;
  const concerns = item.status === "open" && (mine || item.assignee === null);
  switch (event.type) {
    case "message.posted": return event.actor.role === "visitor" && concerns ? (mine ? "message" : "waiting") : null;
    case "conversation.assigned":
    case "conversation.transferred": return handed(event, me);
    case "conversation.unanswered": return concerns ? "unanswered" : null;
    case "conversation.missed": return item.assignee === null || mine ? "missed" : null;
    default: return null;
  }
}

/** What one took oneself needs no call. */
function handed({ actor, data }: LogEvent, me: string): Kind | null {
  if (actor.role === "agent" && actor.id === me) return null;
  if (data?.["agent"] === me) return "assigned";
  return data?.["agent"] ? null : "waiting";
}
