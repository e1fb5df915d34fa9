/**
 * How far an agent has read by looking at a conversation. Pure.
 *
 * A visitor is shown only what the agent who serves it has read. What that agent read before taking
 * the conversation is therefore said once more, from where it was taken.
 */
import { lastVersion } from "../../client/thread";
import type { Transcript } from "../../client/transcript";

export function toRead(view: Transcript, agent: string): number {
  const theirs = lastVersion(view, "agent");
  return theirs && Math.max(theirs, takenAt(view, agent));
}

/** The version at which this agent got the conversation that it serves; 0 when it does not. */
function takenAt(view: Transcript, agent: string): number {
  if (view.agent?.id !== agent) return 0;
  for (let i = view.lines.length - 1; i >= 0; i--) {
    const line = view.lines[i]!;
    if (TAKEN.has(line.type) && line.data?.["agent"] === agent) return line.version;
  }
  return 0;
}

const TAKEN = new Set(["conversation.assigned", "conversation.transferred"]);
