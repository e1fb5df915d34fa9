/** The visit that is going on, as this browser keeps it for all its tabs. */
import { signal } from "@preact/signals-core";
import { store, stored } from "../loader/stored";
import { going, type Visit } from "./visit";

export class Visits {
  private readonly _visit;

  constructor(private readonly _key: string) {
    this._visit = signal(this._going());
    this.change((visit) => visit);
  }

  get now(): Visit {
    return this._visit.value;
  }

  /** Another page is looked at. */
  page(): void {
    this.change(() => this._going());
  }

  change(next: (visit: Visit) => Visit): void {
    this._visit.value = next(this._visit.value);
    store(this._key, this._visit.value);
  }

  private _going(): Visit {
    return going(stored<Visit>(this._key), Date.now(), location.href, document.referrer);
  }
}
