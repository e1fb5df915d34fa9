/** The events of the conversation that is looked at, all of them, and what comes while somebody looks. */
import { signal } from "@preact/signals";
import { browserWorld } from "../../client/ports";
import type { LogEvent } from "../../client/types";
import type { Api, Overview } from "./api";
import { forgotten } from "./travel";

const PAGE = 500;
const LOOK_MS = 5_000;
/** Events that are held at most, so that a moment is folded in a blink; no conversation of people has as many. */
export const MOST = 20_000;

export class Past {
  readonly events = signal<LogEvent[]>([]);
  readonly overview = signal<Overview | null>(null);
  readonly state = signal<"loading" | "ready" | "failed">("loading");
  readonly error = signal<unknown>(null);
  /** There are more events than are held: the end is not the present. */
  readonly cut = signal(false);
  private _id = "";
  private _upto = 0;
  private _stop = (): void => {};

  constructor(private readonly _api: Api) {}

  open(id: string): void {
    if (id === this._id && this.state.peek() !== "failed") return;
    this.leave();
    this._id = id;
    void this._load(id);
  }

  leave(): void {
    this._stop();
    [this._id, this._upto] = ["", 0];
    this.events.value = [];
    this.overview.value = null;
    this.cut.value = false;
    this.state.value = "loading";
  }

  private async _load(id: string): Promise<void> {
    try {
      const overview = await this._api.conversation(id);
      if (id === this._id) this.overview.value = overview;
      await this._rest(id);
      if (id === this._id) this.state.value = "ready";
    } catch (error) {
      if (id === this._id) [this.error.value, this.state.value] = [error, "failed"];
      return;
    }
    this._later(id);
  }

  /** Page by page up to the head; what is not read in one turn is drawn meanwhile. */
  private async _rest(id: string): Promise<void> {
    const range = await this._api.events(id, this._upto, PAGE);
    if (id !== this._id) return;
    const moved = range.upto > this._upto;
    this._upto = range.upto;
    if (range.events.length > 0) this.events.value = forgotten([...this.events.value, ...range.events]);
    const overview = this.overview.peek();
    if (overview?.visitor_name && this.events.value.some((event) => event.erased)) this.overview.value = { ...overview, visitor_name: null };
    this.cut.value = range.upto < range.head && this.events.value.length >= MOST;
    if (moved && range.upto < range.head && !this.cut.value) await this._rest(id);
  }

  private _later(id: string): void {
    this._stop = browserWorld.after(LOOK_MS, () => {
      if (id !== this._id) return;
      if (this.cut.value) return;
      const look = document.visibilityState === "visible" ? this._rest(id).catch(() => {}) : Promise.resolve();
      void look.then(() => id === this._id && this._later(id));
    });
  }
}
