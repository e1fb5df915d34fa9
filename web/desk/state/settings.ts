/**
 * What the workspace has set and the desk goes by: departments, canned replies, statuses, routing,
 * tags, hours. Loaded whole, and anew whenever the log says that something of it has changed.
 */
import { computed, signal } from "@preact/signals";
import { ApiError } from "../../client/http";
import { browserWorld } from "../../client/ports";
import type { LogEvent } from "../../client/types";
import { worded, type Texts } from "../../staff/prefs";
import type { Api } from "./api";
import { words } from "./prefs";

export interface Department {
  department: string;
  name: string;
}

export interface Reply {
  reply: string;
  shortcut: string;
  title: string;
  text: string;
  department?: string | null;
  file?: string | null;
}

export interface OwnStatus {
  status: string;
  name: Texts;
  /** Whether one gets conversations in it. */
  available: boolean;
}

export interface Routing {
  strategy: string;
  capacity: number;
  /** Seconds; 0: never. */
  remind_after_s: number;
  away_after_s: number;
}

export interface Settings {
  version: number;
  departments: Department[];
  replies: Reply[];
  statuses: OwnStatus[];
  routing: Routing;
  tags: { tags: string[] };
  open: boolean;
  sites: { site: string; name: string }[];
}

/** What holds where nothing was set, or before it is known what was. */
const UNSET: Settings = {
  version: 0, departments: [], replies: [], statuses: [], tags: { tags: [] }, open: true, sites: [],
  routing: { strategy: "manual", capacity: 5, remind_after_s: 120, away_after_s: 600 },
};
const AGAIN_MS = 5_000;

export class Workspace {
  readonly settings = signal(UNSET);
  readonly tags = computed(() => this.settings.value.tags.tags);
  private _asking = false;
  private _stale = false;

  constructor(private readonly _api: Api) {}

  /** One question at a time: what changed while it was asked is asked for once more. */
  async load(): Promise<void> {
    this._stale = true;
    if (this._asking) return;
    this._asking = true;
    while (this._stale) {
      this._stale = false;
      try {
        this.settings.value = { ...UNSET, ...(await this._api.settings()) };
      } catch (error) {
        if (error instanceof ApiError && error.passing) browserWorld.after(AGAIN_MS, () => void this.load());
      }
    }
    this._asking = false;
  }

  heard(event: LogEvent): void {
    if (event.type.startsWith("tenant.")) void this.load();
  }

  department(key: string | null | undefined): string | null {
    return key ? (this.settings.value.departments.find((one) => one.department === key)?.name ?? key) : null;
  }

  /** One of its own has its own name; whether one gets conversations in it is the workspace's word. */
  statusName(status: string): string {
    const own = this.settings.value.statuses.find((one) => one.status === status);
    return words().statuses[status] ?? (worded(own?.name) || status);
  }

  /** How a status looks: as the built-in one that it is like. */
  statusKind(status: string): string {
    if (words().statuses[status]) return status;
    return this.available(status) ? "online" : "away";
  }

  /** Whether whoever is in this status gets conversations. */
  available(status: string): boolean {
    return status === "online" || this.settings.value.statuses.some((one) => one.status === status && one.available);
  }
}
