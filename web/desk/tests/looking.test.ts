/** What is looked at is marked once and its visitor asked for once; nothing is kept of what was looked at before. */
import { signal } from "@preact/signals";
import { expect, it, vi } from "vitest";
import { blank, fold } from "../../client/transcript";
import type { LogEvent } from "../../client/types";
import type { Desk } from "../state/desk";
import { looking } from "../state/looking";

function said(conversation: string): LogEvent {
  return {
    id: conversation, type: "message.posted", stream: `conversation-${conversation}`, version: 2, at: "2026-11-22T10:00:00Z",
    actor: { role: "visitor", id: `v${conversation}`, name: null }, data: { message: "m", body: { text: "hello?" } },
  } as LogEvent;
}

it("asks again for whom it does not know any more, and marks each conversation", () => {
  const items = new Map(["a", "b"].map((id) => [id, { id, visitor: `v${id}`, reads: {}, assignee: null, status: "open" }]));
  const active = signal<string | null>(null);
  const done = vi.fn();
  const load = vi.fn();
  const known = new Set(["vb"]);
  const desk = {
    me: { agent: "mia" }, visible: signal(true), front: { active }, do: done, client: { phase: signal("online") },
    listing: { get: (id: string) => items.get(id), items: signal(items), loaded: signal(true) },
    talks: { transcript: (id: string) => fold(blank(id), [said(id)]) },
    people: { get: (visitor: string) => (known.has(visitor) ? { partial: false } : undefined), load },
  };
  const end = looking(desk as unknown as Desk);
  for (const id of ["a", "b", "a"]) {
    active.value = id;
    desk.visible.value = false;
    desk.visible.value = true;
  }
  end();
  expect(load.mock.calls).toEqual([["va"], ["va"]]);
  expect(done.mock.calls.map(([op, id]) => `${op} ${id}`)).toEqual(["read a", "read b", "read a"]);
});
