/** The events of the conversation that is looked at, all of them, and what comes while somebody looks. */
import { signal } from "@preact/signals";
import { browserWorld } from "../../client/ports";
import type { LogEvent } from "../../client/types";
import type { Api, Overview } from "./api";
import { emptied, forgotten } from "./travel";

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
  /** Which opening it is: what an earlier one is still waiting for is of no interest, be it of the same conversation. */
  private _turn = 0;
  private _upto = 0;
  private _stop = (): void => {};

  constructor(private readonly _api: Api) {}

  open(id: string): void {
    if (id === this._id && this.state.peek() !== "failed") return;
    this.leave();
    this._id = id;
    void this._load(this._turn);
  }

  leave(): void {
    this._stop();
    this._turn += 1;
    [this._id, this._upto] = ["", 0];
    this.events.value = [];
    this.overview.value = null;
    this.cut.value = false;
    this.state.value = "loading";
  }

  private async _load(turn: number): Promise<void> {
    try {
      const overview = await this._api.conversation(this._id);
      if (turn !== this._turn) return;
      this.overview.value = overview;
      await this._rest(turn);
      if (turn === this._turn) this.state.value = "ready";
    } catch (error) {
      if (turn === this._turn) [this.error.value, this.state.value] = [error, "failed"];
      return;
    }
    if (turn === this._turn) this._later(turn);
  }

  /** Page by page up to the head; what is not read in one turn is drawn meanwhile. */
  private async _rest(turn: number): Promise<void> {
    const range = await this._api.events(this._id, this._upto, PAGE);
    if (turn !== this._turn) return;
    const moved = range.upto > this._upto;
    this._upto = range.upto;
    if (range.events.length > 0) this.events.value = forgotten([...this.events.value, ...range.events]);
    const overview = this.overview.peek();
    if (overview?.visitor_name && this.events.value.some((event) => event.erased)) this.overview.value = { ...overview, visitor_name: null };
    this.cut.value = range.upto < range.head && this.events.value.length >= MOST;
    if (moved && range.upto < range.head && !this.cut.value) await this._rest(turn);
  }

  /** Of one that goes on beyond what is held only its erasure matters, which stands further on. */
  private async _erasure(turn: number): Promise<void> {
    const overview = await this._api.conversation(this._id);
    if (turn !== this._turn || overview.status !== "erased") return;
    this.overview.value = overview;
    if (!this.events.value.every((event) => event.erased)) this.events.value = emptied(this.events.value);
  }

  private _later(turn: number): void {
    this._stop = browserWorld.after(LOOK_MS, () => {
      const look = (): Promise<void> => (this.cut.value ? this._erasure(turn) : this._rest(turn));
      const looked = document.visibilityState === "visible" ? look().catch(() => {}) : Promise.resolve();
      void looked.then(() => turn === this._turn && this._later(turn));
    });
  }
}
