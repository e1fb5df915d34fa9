/** The tenant's settings and its agents, as the server has them, and how they are changed. */
import { ApiError } from "../../../client/http";
import type { Api } from "../api";
import { Latest } from "../latest";
import { moved } from "./lists";
import type { AgentEntry, AgentValue, AllSettings, Seen } from "./values";

/** Entered by another node, a change may be here a moment later than its answer. */
const TRIES = 5;
const PAUSE_MS = 150;

/** `version`: that of the value, where it has changed. */
export interface Answered {
  version?: number | undefined;
  changed: boolean;
}

export interface NewSite {
  site: string;
  secret: string;
}

/** Somebody else was quicker. */
export function overtaken(error: unknown): error is ApiError {
  return error instanceof ApiError && error.code === "changed";
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

  /** A value from now on; `path` is `departments/sales` or `routing`. */
  async put(path: string, value: object, seen?: Seen): Promise<Answered> {
    return this._follow(this._api.change<Answered>("PUT", `/v1/settings/${path}`, value, seen));
  }

  async remove(path: string, seen?: Seen): Promise<Answered> {
    return this._follow(this._api.change<Answered>("DELETE", `/v1/settings/${path}`, undefined, seen));
  }

  async restoreSite(site: string): Promise<Answered> {
    return this._follow(this._api.change<Answered>("POST", `${siteAt(site)}/restore`));
  }

  async addSite(value: object): Promise<NewSite> {
    const made = await this._api.change<NewSite>("POST", "/v1/settings/sites", value);
    for (let left = TRIES; left > 0; left--) {
      const fresh = await this._reload();
      if (fresh?.sites.some((one) => one.site === made.site)) break;
      await pause();
    }
    return made;
  }

  /** A new secret, seen this once; `atOnce`: the one before is good no more. */
  async rotateSecret(site: string, atOnce: boolean): Promise<{ secret: string; old_until: string }> {
    const drawn = await this._api.change<{ secret: string; old_until: string }>("POST", `${siteAt(site)}/secret`, { at_once: atOnce });
    await this._reload();
    return drawn;
  }

  async addAgent(value: AgentValue & { email: string }): Promise<{ id: string; password?: string }> {
    const added = await this._api.change<{ id: string; password?: string }>("POST", "/v1/agents", value);
    await this._agentsUntil((agents) => agents.some(({ id }) => id === added.id));
    return added;
  }

  async changeAgent(id: string, value: AgentValue, seen?: Seen): Promise<Answered> {
    await this._told(this._api.change("PUT", `/v1/agents/${id}`, value, seen));
    await this._agentsUntil((agents) => agents.some((one) => one.id === id && like(one, value)));
    const version = this.agents.now.peek().value?.find((one) => one.id === id)?.version;
    return { changed: true, version };
  }

  async deactivate(id: string, seen?: Seen): Promise<void> {
    await this._told(this._api.change("DELETE", `/v1/agents/${id}`, undefined, seen));
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

  private async _follow(change: Promise<Answered>): Promise<Answered> {
    const answered = await this._told(change);
    if (!answered.changed) await this._reload(); // it is so already: by whom, and since when
    for (let left = TRIES; answered.changed && left > 0; left--) {
      const fresh = await this._reload();
      if (!fresh || fresh.version >= answered.version!) break;
      await pause();
    }
    return answered;
  }

  /** Whoever comes too late with a change sees what there is instead; what was taken away stays in sight. */
  private async _told<T>(change: Promise<T>): Promise<T> {
    try {
      return await change;
    } catch (error) {
      if (overtaken(error) && error.told.current) await Promise.all([this._reload(), this._agentsUntil(() => true)]);
      throw error;
    }
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

function siteAt(site: string): string {
  return `/v1/settings/sites/${encodeURIComponent(site)}`;
}

const pause = (): Promise<void> => new Promise((go) => setTimeout(go, PAUSE_MS));
