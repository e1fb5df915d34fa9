/** The desk's HTTP calls, by name. */
import type { LogEvent } from "../../client/types";
import { StaffApi } from "../../staff/api";
import type { Item } from "./inbox";

export interface ItemPage {
  as_of: number;
  mark?: string;
  items: Item[];
  next: string | null;
}

export class Api extends StaffApi {
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
}
