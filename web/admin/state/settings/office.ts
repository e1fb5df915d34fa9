/** The tenant's settings and its agents, as the server has them, and how they are changed. */
import type { Api } from "../api";
import { Latest } from "../latest";
import { moved } from "./lists";
import type { AgentEntry, AgentValue, AllSettings } from "./values";

/** Entered by another node, a change may be here a moment later than its answer. */
const TRIES = 5;
const PAUSE_MS = 150;

export interface Answered {
  version: number;
  changed: boolean;
}

export class Office {
  readonly settings = new Latest<AllSettings>();
  readonly agents = new Latest<AgentEntry[]>();

  constructor(private readonly _api: Api) {}

  /** What is here already stays in sight until it is here anew: others change settings too. */
  open(): void {
    if (this.settings.now.peek().value) void this._reload();
    else void this.settings.load(() => this._api.settings());
    if (this.agents.now.peek().value) void this._agentsUntil(() => true);
    else void this.loadAgents();
  }

  loadAgents(): Promise<void> {
    return this.agents.load(() => this._api.staff());
  }

  /** A value from now on; `path` is `departments/sales` or `routing`. Answers whether that changed anything. */
  async put(path: string, value: object): Promise<boolean> {
    return this._follow(await this._api.change<Answered>("PUT", `/v1/settings/${path}`, value));
  }

  async remove(path: string): Promise<boolean> {
    return this._follow(await this._api.change<Answered>("DELETE", `/v1/settings/${path}`));
  }

  async addSite(value: object): Promise<string> {
    const { site } = await this._api.change<{ site: string }>("POST", "/v1/settings/sites", value);
    for (let left = TRIES; left > 0; left--) {
      const fresh = await this._reload();
      if (fresh?.sites.some((one) => one.site === site)) break;
      await pause();
    }
    return site;
  }

  async addAgent(value: AgentValue & { email: string }): Promise<{ id: string; password?: string }> {
    const added = await this._api.change<{ id: string; password?: string }>("POST", "/v1/agents", value);
    await this._agentsUntil((agents) => agents.some(({ id }) => id === added.id));
    return added;
  }

  /** Whatever it was before, it is so now. */
  async changeAgent(id: string, value: AgentValue): Promise<boolean> {
    await this._api.change("PUT", `/v1/agents/${id}`, value);
    await this._agentsUntil((agents) => agents.some((one) => one.id === id && like(one, value)));
    return true;
  }

  async deactivate(id: string): Promise<void> {
    await this._api.change("DELETE", `/v1/agents/${id}`);
    await this._agentsUntil((agents) => agents.every((one) => one.id !== id));
  }

  async setPassword(id: string, password: string): Promise<void> {
    await this._api.change("PUT", `/v1/agents/${id}/password`, { password });
  }

  /** One rule of a list a place up or down; only those whose number changes are said anew. */
  async move<T extends { order: number }>(rules: T[], from: number, by: number, put: (rule: T, order: number) => Promise<unknown>): Promise<void> {
    const STEP = 10;
    for (const [i, rule] of moved(rules, from, by).entries()) if (rule.order !== (i + 1) * STEP) await put(rule, (i + 1) * STEP);
  }

  private async _follow({ version, changed }: Answered): Promise<boolean> {
    for (let left = TRIES; changed && left > 0; left--) {
      const fresh = await this._reload();
      if (!fresh || fresh.version >= version) break;
      await pause();
    }
    return changed;
  }

  /** What cannot be loaded anew does not take away what is there: somebody works on it. */
  private async _reload(): Promise<AllSettings | undefined> {
    const fresh = await this._api.settings().catch(() => undefined);
    if (fresh) await this.settings.load(() => Promise.resolve(fresh));
    return fresh;
  }

  private async _agentsUntil(here: (agents: AgentEntry[]) => boolean): Promise<void> {
    for (let left = TRIES; left > 0; left--) {
      const fresh = await this._api.staff().catch(() => undefined);
      if (fresh) await this.agents.load(() => Promise.resolve(fresh));
      if (!fresh || here(fresh)) return;
      await pause();
    }
  }
}

function like(agent: AgentEntry, value: AgentValue): boolean {
  const told = ({ name, role, departments, skills, capacity }: AgentValue): string => JSON.stringify([name, role, [...departments].sort(), [...skills].sort(), capacity ?? null]);
  return told(agent) === told(value);
}

const pause = (): Promise<void> => new Promise((go) => setTimeout(go, PAUSE_MS));
