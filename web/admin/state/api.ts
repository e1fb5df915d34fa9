/** The console's HTTP calls, by name. A token that has run out is bought anew by the cookie, once. */
import { ApiError, download, request } from "../../client/http";
import type { StoredFile } from "../../client/uploads";
import type { LogEvent } from "../../client/types";
import { StaffApi } from "../../staff/api";
import type { Now } from "./live";
import type { Catalogue, Report } from "./report";
import type { AgentEntry, AllSettings, Seen } from "./settings/values";
import type { Snippet } from "./snippets";

export interface Hit {
  conversation: string;
  version: number;
  position: number;
  at: string;
  kind: "message" | "note";
  sender: { role: string; id: string; name: string | null };
  visitor: string;
  visitor_name: string | null;
  snippet: Snippet;
}

export interface Found {
  as_of: number;
  items: Hit[];
  next: string | null;
  /** False: it stopped at a limit, and `next` goes on. */
  complete: boolean;
}

export interface Overview {
  id: string;
  visitor: string;
  visitor_name: string | null;
  status: string;
}

export interface EventRange {
  events: LogEvent[];
  upto: number;
  head: number;
}

type Query = Record<string, string>;

export class Api extends StaffApi {
  constructor(private readonly _out: () => void) {
    super();
  }

  catalogue(): Promise<Catalogue> {
    return this._get("/v1/analytics");
  }

  report(name: string, query: Query): Promise<Report> {
    return this._get(reportAt(name, query));
  }

  csv(name: string, query: Query): Promise<Blob> {
    return this._renewing(() => download(reportAt(name, { ...query, format: "csv" }), { token: this.token }));
  }

  search(query: Query): Promise<Found> {
    return this._get(`/v1/search?${new URLSearchParams(query)}`);
  }

  conversation(id: string): Promise<Overview> {
    return this._get(`/v1/conversations/${encodeURIComponent(id)}`);
  }

  events(id: string, after: number, limit: number): Promise<EventRange> {
    return this._get(`/v1/conversations/${encodeURIComponent(id)}/events?after=${after}&limit=${limit}`);
  }

  live(): Promise<Now> {
    return this._get("/v1/live");
  }

  settings(): Promise<AllSettings> {
    return this._get("/v1/settings");
  }

  /** What a stored file is. */
  file(id: string): Promise<StoredFile> {
    return this._get(`/v1/files/${encodeURIComponent(id)}`);
  }

  /** The agents, with what only administrators see of them. */
  async staff(): Promise<AgentEntry[]> {
    return (await this._get<{ items: AgentEntry[] }>("/v1/agents")).items;
  }

  /** `seen`: it holds only for what somebody has seen, else it is refused as `changed`. */
  change<T>(method: "POST" | "PUT" | "DELETE", path: string, body?: object, seen?: Seen): Promise<T> {
    return this._renewing(() => request<T>(path, { method, token: this.token, headers: condition(seen), ...(body ? { body } : {}) }));
  }

  protected override _get<T>(path: string): Promise<T> {
    return this._renewing(() => super._get<T>(path));
  }

  private async _renewing<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!unknown(error) || wrong(error)) throw error;
    }
    await this.session().catch((error: unknown) => {
      if (unknown(error)) this._out();
      throw error;
    });
    return work();
  }
}

function condition(seen: Seen): Record<string, string> {
  if (seen === undefined) return {};
  return seen === "none" ? { "If-None-Match": "*" } : { "If-Match": `"${seen}"` };
}

function reportAt(name: string, query: Query): string {
  return `/v1/analytics/${encodeURIComponent(name)}?${new URLSearchParams(query)}`;
}

const unknown = (error: unknown): boolean => error instanceof ApiError && error.status === 401;
/** A password that was given to prove something: nothing that a fresh token mends. */
const wrong = (error: unknown): boolean => error instanceof ApiError && error.code === "bad_credentials";
