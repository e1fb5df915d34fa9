/** The desk's HTTP calls, by name. */
import type { LogEvent } from "../../client/types";
import type { StoredFile } from "../../client/uploads";
import { StaffApi } from "../../staff/api";
import type { Item } from "./inbox";
import type { Settings } from "./settings";

export interface ItemPage {
  as_of: number;
  mark?: string;
  items: Item[];
  next: string | null;
}

export interface Device {
  browser?: string | null;
  browser_version?: string | null;
  os?: string | null;
  os_version?: string | null;
  device?: string | null;
}

interface Place {
  language?: string | null;
  country?: string | null;
  region?: string | null;
  city?: string | null;
}

export interface Source {
  medium: string;
  /** A search engine, a network, a host, or what the link says; empty where nothing is known. */
  name?: string;
  campaign?: string | null;
}

interface Contact {
  name?: string | null;
  email?: string | null;
  phone?: string | null;
  user?: string | null;
  attributes?: Record<string, string>;
}

/** All that is known of a visitor. */
export interface Profile extends Contact, Place {
  visitor: string;
  first_seen: string;
  last_seen: string;
  visits: number;
  pages: number;
  conversations: number;
  arrival: { url: string; referrer: string | null; site: string | null; source: Source } | null;
  device?: Device | null;
  greeted?: { rule: string; text: string } | null;
  invited?: Invited | null;
  erased: boolean;
  online: boolean;
}

export interface SeenPage {
  at: string;
  visit: number;
  url: string | null;
  title: string | null;
}

/** Somebody who is on the site right now. */
export interface Guest extends Contact, Place {
  visitor: string;
  since: string;
  page: { url: string; title?: string | null; at: string } | null;
  pages: number;
  visits: number;
  source: Source | null;
  referrer: string | null;
  device: Device | null;
  conversation: string | null;
  assignee: string | null;
  /** What an agent has asked it, where it has not answered yet. */
  invited?: Invited | null;
}

export interface Invited {
  text: string;
  at: string;
  name: string | null;
}

export interface GuestPage {
  items: Guest[];
  next: string | null;
  present: number;
}

export interface Hit {
  conversation: string;
  version: number;
  at: string;
  kind: "message" | "note";
  sender: { role: string; id: string; name: string | null };
  visitor: string;
  visitor_name: string | null;
  snippet: { text: string; marks: [number, number][] };
}

export interface HitPage {
  items: Hit[];
  next: string | null;
  complete: boolean;
}

type Query = Record<string, string>;

export class Api extends StaffApi {
  conversations(query: Query): Promise<ItemPage> {
    return this._get(`/v1/conversations?${new URLSearchParams(query)}`);
  }

  /** `position`: not before the view has come that far. */
  conversation(id: string, position: number): Promise<Item> {
    return this._get(`/v1/conversations/${encodeURIComponent(id)}${position ? `?min_position=${position}` : ""}`);
  }

  events(id: string, after: number, limit: number): Promise<{ events: LogEvent[]; upto: number }> {
    return this._get(`/v1/conversations/${encodeURIComponent(id)}/events?after=${after}&limit=${limit}`);
  }

  settings(): Promise<Settings> {
    return this._get("/v1/settings");
  }

  /** What a file is that the server has. */
  file(id: string): Promise<StoredFile> {
    return this._get(`/v1/files/${encodeURIComponent(id)}`);
  }

  visitor(id: string): Promise<Profile> {
    return this._get(`/v1/visitors/${encodeURIComponent(id)}`);
  }

  path(visitor: string): Promise<{ items: SeenPage[] }> {
    return this._get(`/v1/visitors/${encodeURIComponent(visitor)}/pages?limit=30`);
  }

  present(query: Query): Promise<GuestPage> {
    return this._get(`/v1/visitors?${new URLSearchParams({ present: "true", ...query })}`);
  }

  search(query: Query): Promise<HitPage> {
    return this._get(`/v1/search?${new URLSearchParams(query)}`);
  }
}
