/** The server as the console sees it, without one: a few conversations and made-up reports. For tests and for looking at screens. */
import type { Hit } from "../admin/state/api";
import type { Actor, LogEvent } from "../client/types";
import { FakeLog } from "./fake-log";
import { now } from "./fake-live";
import { CATALOGUE, report } from "./fake-reports";
import { FakeSettings } from "./fake-settings";

export interface Answer {
  status: number;
  body: unknown;
}

const VERA: Actor = { role: "visitor", id: "0192f000-0000-7000-8000-00000000f001", name: "Vera Winter" };
const ANNA: Actor = { role: "agent", id: "a1", name: "Anna Albers" };
const LUIS: Actor = { role: "agent", id: "a2", name: "Luis Ortega" };
const SAID: [Actor, string, object][] = [
  [VERA, "start", { body: { text: "Hello! My parcel has not come yet. The order is 10 422." } }],
  [ANNA, "assign", {}], [ANNA, "read", { upto: 2 }],
  [ANNA, "post", { body: { text: "Good morning, let me look that up for you." } }], [VERA, "read", { upto: 5 }],
  [ANNA, "post", { body: { text: "The carrier says that it was damaged on the way. Luis knows the refund." }, note: true }],
  [ANNA, "tag", { tags: ["shipping", "refund"] }], [ANNA, "transfer", { agent: "a2", name: "Luis Ortega" }],
  [VERA, "post", { body: { text: "Can I have my money back? 我也可以用中文。" } }], [LUIS, "read", { upto: 10 }],
  [LUIS, "post", { body: { text: "Of course. The refund is on its way, 您将在三天内收到退款。" } }], [VERA, "read", { upto: 12 }],
  [VERA, "post", { body: { text: "Thank you very much!" } }], [LUIS, "close", {}], [VERA, "rate", { rating: 5, comment: "Quick and friendly" }],
];

export class FakeOffice {
  readonly log = new FakeLog();
  readonly settings = new FakeSettings();
  readonly conversation: string;
  role = "admin";

  constructor() {
    for (const [who, op, fields] of SAID) this.log.command(who, { op, id: this.log.newId(), conversation: this.id, ...fields });
    this.conversation = this.id;
    const began = Date.now() - 3 * 86_400_000;
    this.log.events.forEach((event, i) => (event.at = new Date(began + i * 47_000).toISOString()));
  }

  private get id(): string {
    return [...this.log.items.keys()][0] ?? "";
  }

  answer(url: URL, method = "GET", body: Record<string, unknown> = {}): Answer {
    const asked = Object.fromEntries(url.searchParams);
    const [, , what, name, part] = url.pathname.split("/");
    if (what === "agent") return ok({ token: "t", agent: "a1", role: this.role, name: "Anna Albers", ws: "", expires_at: "2099-01-01T00:00:00Z" });
    if (what === "agents" || what === "settings") return this.settings.answer(method, url.pathname.split("/").slice(2).map(decodeURIComponent), body);
    if (what === "live") return ok(now(this.settings.agents));
    if (what === "analytics") return this.analytics(name, asked);
    if (what === "search") return ok(this.found(asked["q"] ?? ""));
    if (what === "conversations" && part === "events") return ok(this.range(Number(asked["after"]), Number(asked["limit"])));
    if (what === "conversations" && name === this.conversation) return ok({ ...this.log.items.get(this.conversation), visitor: VERA.id, visitor_name: VERA.name });
    return { status: 404, body: { code: "not_found" } };
  }

  private analytics(name: string | undefined, asked: Record<string, string>): Answer {
    if (!name) return ok(CATALOGUE);
    const made = report(name, asked);
    return made ? ok(made) : { status: 400, body: { code: "bad_request", detail: "These dates are not good." } };
  }

  private range(after: number, limit: number): object {
    const all = this.log.events.filter((event) => event.stream === `conversation-${this.conversation}`);
    const upto = Math.min(all.at(-1)!.version, after + limit);
    return { after, upto, head: all.at(-1)!.version, events: all.filter((event) => event.version > after && event.version <= upto) };
  }

  private found(words: string): object {
    const items = this.log.events.filter((event) => event.stream.startsWith("conversation-")).flatMap((event) => hits(event, words)).reverse();
    return { as_of: 4711, mark: "00", items, next: items.length > 0 ? "more" : null, complete: false };
  }
}

function hits(event: LogEvent, words: string): Hit[] {
  const text = (event.data?.["body"] as { text?: string } | undefined)?.text ?? "";
  const start = [...text.toLowerCase().slice(0, Math.max(0, text.toLowerCase().indexOf(words.toLowerCase())))].length;
  if (!text.toLowerCase().includes(words.toLowerCase())) return [];
  const { role, id, name } = event.actor;
  return [{
    conversation: event.stream.slice("conversation-".length), version: event.version, position: event.position ?? 0, at: event.at,
    kind: event.type === "note.added" ? "note" : "message", sender: { role, id, name: name ?? null }, visitor: VERA.id, visitor_name: VERA.name ?? null,
    snippet: { text, marks: [[start, start + [...words].length]] },
  }];
}

function ok(body: unknown): Answer {
  return { status: 200, body };
}
