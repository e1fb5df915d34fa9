/** Who works here and how they are, oneself included. */
import { signal } from "@preact/signals";
import type { LogEvent } from "../../client/types";
import type { Colleague } from "../../staff/api";
import type { Api } from "./api";

export class Roster {
  readonly agents = signal<Colleague[]>([]);
  readonly status = signal("offline");

  private _rightsAt = 0;

  constructor(private readonly _api: Api, private readonly _me: string) {}

  async load(): Promise<void> {
    this.agents.value = await this._api.agents().catch(() => this.agents.value);
    const own = this.mine();
    if (own?.status) this.status.value = own.status;
  }

  heard(event: LogEvent): void {
    if (event.type !== "agent.status_changed") return void this.load();
    const id = event.stream.replace(/^agent-/, "");
    const status = String(event.data?.["status"] ?? "");
    const reason = (event.data?.["reason"] as string | undefined) ?? null;
    this.agents.value = this.agents.value.map((agent) => (agent.id === id ? { ...agent, status, reason } : agent));
    if (id === this._me && status) this.status.value = status;
  }

  /** Whether one's own rights have changed, so that the list is another; said once, however often it is told. */
  reshaped(event: LogEvent): boolean {
    const own = event.type === "agent.rights_changed" && event.stream === `agent-${this._me}`;
    const news = own && (event.position ?? 0) > this._rightsAt;
    if (news) this._rightsAt = event.position ?? 0;
    return news;
  }

  seen(id: string, online: boolean): void {
    this.agents.value = this.agents.value.map((agent) => (agent.id === id ? { ...agent, online } : agent));
  }

  mine(): Colleague | undefined {
    return this.agents.value.find((agent) => agent.id === this._me);
  }

  /** Whether this agent may lose sight of a conversation that goes to somebody else. */
  limited(): boolean {
    return this.mine()?.role === "limited";
  }

  nameOf(id: string | null | undefined): string | null {
    return (id && this.agents.value.find((agent) => agent.id === id)?.name) || null;
  }

  /** Colleagues to give something to: those who are there and free first. */
  ranked(except: (agent: Colleague) => boolean): Colleague[] {
    const rank = ({ online, status }: Colleague): number => (online ? 0 : 10) + (["online", "busy", "away"].indexOf(status) + 1 || 9);
    const load = ({ load: serves = 0 }: Colleague): number => serves;
    return this.agents.value.filter((agent) => !except(agent)).sort((a, b) => rank(a) - rank(b) || load(a) - load(b) || a.name.localeCompare(b.name));
  }
}
