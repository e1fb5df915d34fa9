/** What an agent says that it has read: enough for the visitor to see it, and no more often. */
import { expect, it } from "vitest";
import { blank, fold } from "../../client/transcript";
import type { LogEvent } from "../../client/types";
import { toRead } from "../state/reading";

function event(version: number, type: string, role: string, data: object): LogEvent {
  return {
    id: `e${version}`, type, stream: "conversation-c", version, at: "2026-11-22T10:00:00Z",
    actor: { role, id: role === "agent" ? "mia" : "vera", name: null }, data,
  } as LogEvent;
}

const asked = event(2, "message.posted", "visitor", { message: "m", body: { text: "hello?" } });
const taken = event(3, "conversation.assigned", "agent", { agent: "mia" });
const answered = event(4, "message.posted", "agent", { message: "n", body: { text: "yes" } });

it("is the visitor's last message while somebody else, or nobody, serves it", () => {
  expect(toRead(fold(blank("c"), [asked]), "mia")).toBe(2);
  expect(toRead(fold(blank("c"), [asked, taken, answered]), "noah")).toBe(2);
});

it("is where it was taken, for the agent that took it after reading", () => {
  expect(toRead(fold(blank("c"), [asked, taken, answered]), "mia")).toBe(3);
});

it("is nothing where the visitor has said nothing", () => {
  expect(toRead(fold(blank("c"), [taken]), "mia")).toBe(0);
});
