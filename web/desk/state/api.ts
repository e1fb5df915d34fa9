/** The desk's HTTP calls, by name. The token stays in memory; what outlives a reload is the cookie. */
import type { LogEvent } from "../../client/types";
import { request } from "../../client/http";
import type { Item } from "./inbox";

export interface AgentSession {
  token: string;
  agent: string;
  role: string;
  name: string;
  ws: string;
  expires_at: string;
}

export interface Colleague {
  id: string;
  name: string;
  role: string;
  /** What they say of themselves. */
  status: string;
  /** Whether they have a desk open. */
  online: boolean;
}

export interface ItemPage {
  as_of: number;
  mark?: string;
  items: Item[];
  next: string | null;
}

export interface SignIn {
  tenant: string;
  email: string;
  password: string;
}

const SESSIONS = "/v1/agent/sessions";

export class Api {
  token = "";

  /** With nothing in hand the cookie speaks. */
  async session(signIn?: SignIn): Promise<AgentSession> {
    const session = await request<AgentSession>(SESSIONS, { body: signIn ?? {} });
    this.token = session.token;
    return session;
  }

  async leave(): Promise<void> {
    await request(SESSIONS, { method: "DELETE", token: this.token });
    this.token = "";
  }

  conversations(query: Record<string, string>): Promise<ItemPage> {
    return this._get(`/v1/conversations?${new URLSearchParams(query)}`);
  }

  /** `position`: not before the view has come that far. */
  conversation(id: string, position: number): Promise<Item> {
    return this._get(`/v1/conversations/${encodeURIComponent(id)}${position ? `?min_position=${position}` : ""}`);
  }

  events(id: string, after: number, limit: number): Promise<{ events: LogEvent[]; upto: number }> {
    return this._get(`/v1/conversations/${encodeURIComponent(id)}/events?after=${after}&limit=${limit}`);
  }

  async agents(): Promise<Colleague[]> {
    return (await this._get<{ items: Colleague[] }>("/v1/agents")).items;
  }

  private _get<T>(path: string): Promise<T> {
    return request<T>(path, { token: this.token });
  }
}
