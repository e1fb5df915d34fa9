/**
 * The continuity rule: what a client does with a range, given its own offset. Pure.
 * Everything that keeps messages from being lost or doubled on the way in rests on these few
 * lines, so nothing else may move an offset.
 */
import type { LogEvent, Range } from "./types";

export interface FeedState {
  offset: number;
  mark?: string | undefined;
}

export type Verdict =
  | { kind: "apply"; state: FeedState; events: LogEvent[] }
  | { kind: "duplicate" }
  | { kind: "gap" };

/** A conversation counts by its stream's versions, the inbox by the log's positions. */
export function numberIn(feed: string, event: LogEvent): number {
  return feed.startsWith("conversation:") ? event.version : (event.position ?? 0);
}

/** An empty range at the offset itself is a duplicate too: it moves nothing. */
export function judge(feed: string, mine: FeedState, range: Range): Verdict {
  if (range.after > mine.offset) return { kind: "gap" };
  if (range.upto <= mine.offset) return { kind: "duplicate" };
  const events = range.events.filter((event) => numberIn(feed, event) > mine.offset);
  return { kind: "apply", state: { offset: range.upto, mark: range.mark }, events };
}
