/** How those who work here get in, over HTTP. The token stays in memory; what outlives a reload is the cookie. */
import { request } from "../client/http";

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
  /** Why, where nobody said so: `gone`, `idle` or `back`. */
  reason?: string | null;
  /** Whether they have a desk open. */
  online: boolean;
  /** How many open conversations they serve, and how many they get at most; null: as many as the workspace says. */
  load?: number;
  capacity?: number | null;
  departments?: string[];
  skills?: string[];
}

export interface SignIn {
  tenant: string;
  email: string;
  password: string;
}

const SESSIONS = "/v1/agent/sessions";

export class StaffApi {
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

  async agents(): Promise<Colleague[]> {
    return (await this._get<{ items: Colleague[] }>("/v1/agents")).items;
  }

  protected _get<T>(path: string): Promise<T> {
    return request<T>(path, { token: this.token });
  }
}
