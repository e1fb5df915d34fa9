/**
 * What an agent does besides talking. All of it is shown at once and sent when that can be; what
 * takes something away says how it is taken back.
 */
import { effect } from "@preact/signals";
import { fill } from "../../i18n/pick";
import type { Attachment } from "../../client/types";
import type { Desk } from "./desk";
import { taking } from "./expected";
import { words } from "./prefs";

/** How long is waited for who it was. */
const NAMED_MS = 1_500;

export class Doings {
  constructor(private readonly _desk: Desk) {}

  take(id: string): void {
    this._desk.do("assign", id, taking(this._desk.listing.get(id), this._desk.news.handed.has(id)));
  }

  /** Takes back what nobody else has taken meanwhile. */
  private _retake(id: string): void {
    this._desk.do("assign", id, { free: true });
  }

  /** Somebody else was quicker: who, as soon as the log says so, which may be a moment behind the answer. */
  async tooLate(id: string): Promise<void> {
    const name = await known(() => this._otherAt(id), NAMED_MS);
    const text = name ? fill(words().takenBy, { name }) : "";
    this._desk.toasts.say({ tone: "problem", code: name ? "" : "taken", text, act: { label: words().takeOver, run: () => this._desk.do("assign", id) } });
  }

  /** The colleague who serves it by what the server has said. */
  private _otherAt(id: string): string | null {
    const item = this._desk.listing.items.value.get(id);
    const other = item?.assignee && item.assignee !== this._desk.me.agent;
    return other ? (item.assignee_name ?? this._desk.roster.nameOf(item.assignee)) : null;
  }

  /** Ends it, or lets it go on. */
  end(id: string): void {
    if (this._desk.listing.get(id)?.status === "closed") return this.reopen(id);
    this._desk.do("close", id);
    this._done(words().done.closed, () => this.reopen(id));
  }

  reopen(id: string): void {
    this._desk.do("reopen", id);
  }

  leave(id: string): void {
    this._desk.do("leave", id);
    this._done(words().done.left, () => this._retake(id));
  }

  give(id: string, op: "assign" | "transfer", agent: string): void {
    const before = this._desk.listing.get(id)?.assignee;
    this._desk.do(op, id, { agent });
    const name = this._desk.roster.nameOf(agent) ?? "";
    if (agent !== this._desk.me.agent) this._done(fill(words().done.given, { name }), before === this._desk.me.agent ? () => this.take(id) : undefined);
  }

  pass(id: string, department: string): void {
    const mine = this._desk.listing.get(id)?.assignee === this._desk.me.agent;
    this._desk.do("transfer", id, { department });
    const name = this._desk.workspace.department(department) ?? "";
    this._done(fill(words().done.given, { name }), mine ? () => this._retake(id) : undefined);
  }

  tag(id: string, tag: string): void {
    const tags = this._desk.listing.get(id)?.tags ?? [];
    const name = tag.trim().slice(0, 40);
    if (name && !tags.includes(name)) this._desk.do("tag", id, { tags: [...tags, name] });
  }

  untag(id: string, tag: string): void {
    const tags = this._desk.listing.get(id)?.tags ?? [];
    this._desk.do("tag", id, { tags: tags.filter((one) => one !== tag) });
    this._done(fill(words().done.untagged, { tag }), () => this.tag(id, tag));
  }

  /** What a visitor is called and how it is reached, as the agent has learned it; `""` takes one away. */
  introduce(id: string, visitor: string, said: Record<string, unknown>): void {
    this._desk.do("introduce", id, { visitor, ...said });
  }

  say(id: string, text: string, note: boolean): void {
    this._desk.do("post", id, { body: { text }, ...(note ? { note: true } : {}) });
  }

  /** Shown as it is here; the server needs to be told no more than which. */
  sendFile(id: string, file: string, shown?: Attachment): void {
    this._desk.do("post", id, { body: { file } }, shown);
  }

  private _done(text: string, undo?: () => void): void {
    this._desk.toasts.say({ tone: "done", text, ...(undo ? { act: { label: words().undo, run: undo } } : {}) });
  }
}

/** What is read, once it is there; null where it is not in time. */
function known<T>(read: () => T | null, within_ms: number): Promise<T | null> {
  return new Promise((resolve) => {
    const end = effect(() => {
      const found = read();
      if (found !== null) resolve(found);
    });
    setTimeout(() => (end(), resolve(null)), within_ms);
  });
}
