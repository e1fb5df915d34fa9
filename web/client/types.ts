/**
 * The words of the wire, as types: one place that says what the server sends and takes.
 * No behaviour lives here, and nothing that is a screen's own idea.
 */

export type Role = "visitor" | "agent" | "system" | (string & {});

export interface Actor {
  role: Role;
  id: string;
  name?: string | null;
}

/** Clients send `text`, or the id of a `file`. */
export interface Body {
  text?: string;
  file?: string;
}

/** What a file is, as the server found; it stands beside the body of its message. */
export interface Attachment {
  name: string;
  media_type: string;
  size: number;
  width?: number;
  height?: number;
  thumbnail?: boolean;
}

/** A welcome rule, and what it said. */
export interface Greeting {
  rule: string;
  text: string;
}

/** What a conversation begins with, besides its first message. */
export interface Opening {
  channel?: string;
  language?: string;
  department?: string;
  greeting?: Greeting;
  /** The id of the invitation that it accepts. */
  invitation?: string;
}

/** An agent asks the visitor whether it wants to talk. */
export interface Invitation {
  invitation: string;
  text: string;
  agent: { id: string; name?: string | null };
}

/** What is said of a visitor; an empty text takes away what was known. */
export interface Introduction {
  name?: string;
  email?: string;
  phone?: string;
  attributes?: Record<string, string>;
}

/** Signal `queue`: `place` 1 is next; `staffed`: somebody is here; `open`: it is within working hours. */
export interface Queue {
  conversation: string;
  place: number;
  waiting: number;
  staffed: boolean;
  open: boolean;
  /** How long it will take; absent where nothing can be said. */
  wait_s?: number | null;
}

export interface Page {
  url: string;
  title?: string;
  referrer?: string;
}

/** One event of the log as this reader may see it. `position` is absent for visitors. */
export interface LogEvent {
  id: string;
  type: string;
  stream: string;
  version: number;
  position?: number;
  at: string;
  actor: Actor;
  data: Record<string, unknown> | null;
  erased?: boolean;
  /** It cannot be read, though nobody erased it. */
  damaged?: boolean;
}

/** The part `(after, upto]` of a feed, with what is hidden from this reader left out. */
export interface Range {
  after: number;
  upto: number;
  mark?: string;
  events: LogEvent[];
}

export interface Hello {
  op: "hello";
  token: string;
  feeds: Record<string, number>;
  marks?: Record<string, string>;
  epoch?: string;
}

/** Whatever else a client sends: an `op`, mostly an `id`, and the op's own fields. */
export interface ClientFrame {
  op: string;
  id?: string;
  [field: string]: unknown;
}

export interface Welcome {
  op: "welcome";
  connection: string;
  actor: Actor;
  feeds: Record<string, number>;
  epoch: string;
  heartbeat_s: number;
}

export interface EventsFrame extends Range {
  op: "events";
  feed: string;
}

export interface Ack {
  op: "ack";
  id: string;
  feed?: string;
  version?: number;
  position?: number;
  conversation?: string;
  duplicate?: boolean;
  unchanged?: boolean;
}

export interface ErrorFrame {
  op: "error";
  id?: string;
  feed?: string;
  code: string;
  message: string;
  retry_after_ms?: number;
}

export type ResetReason = "behind" | "ahead" | "history" | "view";

export interface Signal {
  op: "signal";
  kind: string;
  conversation?: string;
  actor?: Actor;
  on?: boolean;
  [field: string]: unknown;
}

export type ServerFrame =
  | Welcome
  | EventsFrame
  | Ack
  | ErrorFrame
  | Signal
  | { op: "live"; feed: string; at: number }
  | { op: "reset"; feed: string; head: number; reason: ResetReason }
  | { op: "gone"; feed: string; reason: string }
  | { op: "goaway"; reason: string; reconnect_after_ms: number }
  | { op: "pong"; n?: number };

/** What a session request buys: where to connect, as whom, until when. */
export interface Credentials {
  token: string;
  ws: string;
  expires_at: string;
}
