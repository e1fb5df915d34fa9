/**
 * What is known of the visitors whose conversations are looked at: asked for when one is shown,
 * and anew when the log says something of it. Where the pages are live they come by the inbox.
 */
import { signal } from "@preact/signals";
import type { LogEvent } from "../../client/types";
import type { Api, Profile, SeenPage } from "./api";
import type { Item } from "./inbox";

export interface Person {
  profile: Profile | null;
  pages: SeenPage[];
  earlier: Item[];
  /** Whether something of it could not be had. */
  partial: boolean;
}

type Earlier = (visitor: string) => Promise<Item[]>;

const KEPT = 50;
const NEWS = new Set(["visitor.introduced", "visitor.identified", "visitor.device_seen", "visitor.greeted", "visitor.erased"]);

export class People {
  readonly all = signal<ReadonlyMap<string, Person>>(new Map());

  constructor(private readonly _api: Api, private readonly _earlier: Earlier) {}

  get(visitor: string): Person | undefined {
    return this.all.value.get(visitor);
  }

  /** What cannot be had (rights, an older server) stays as it was. */
  async load(visitor: string): Promise<void> {
    const before = this.all.peek().get(visitor);
    let partial = false;
    const or = <T>(kept: T) => (): T => ((partial = true), kept);
    const [profile, path, earlier] = await Promise.all([
      this._api.visitor(visitor).catch(or(before?.profile ?? null)),
      this._api.path(visitor).catch(or({ items: before?.pages ?? [] })),
      this._earlier(visitor).catch(or(before?.earlier ?? [])),
    ]);
    const next = new Map(this.all.peek());
    next.delete(visitor);
    next.set(visitor, { profile, pages: path.items, earlier, partial });
    this.all.value = new Map([...next].slice(-KEPT));
  }

  heard(event: LogEvent): void {
    const visitor = event.stream.replace(/^visitor-/, "");
    if (!this.all.value.has(visitor)) return;
    if (event.type === "visitor.introduced") this._introduced(visitor, event.data ?? {});
    if (NEWS.has(event.type)) void this.load(visitor);
  }

  /** At once; the view behind the load may be a moment late. */
  private _introduced(visitor: string, data: Record<string, unknown>): void {
    const person = this.all.value.get(visitor)!;
    if (!person.profile) return;
    const attributes = { ...person.profile.attributes, ...(data["attributes"] as Record<string, string> | undefined) };
    const profile = { ...person.profile, ...data, attributes: Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== "")) };
    this.all.value = new Map(this.all.value).set(visitor, { ...person, profile });
  }
}
