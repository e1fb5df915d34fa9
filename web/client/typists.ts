/**
 * Who is typing now. A signal may be lost, so each one fades by itself; nothing here is stored.
 */
import { signal } from "@preact/signals-core";
import type { World } from "./ports";
import type { Actor, LogEvent, Signal } from "./types";

const FADE_MS = 6_000;

export class Typists {
  readonly by = signal<Record<string, Actor>>({});
  private readonly _fading = new Map<string, () => void>();

  constructor(private readonly _world: World) {}

  heard(said: Signal): void {
    if (!said.conversation || !said.actor) return;
    if (said.on) this._set(said.conversation, said.actor);
    else this._unset(said.conversation);
  }

  spoke(conversation: string, event: LogEvent): void {
    const typist = this.by.value[conversation];
    if (event.type === "message.posted" && typist?.id === event.actor.id) this._unset(conversation);
  }

  clear(): void {
    for (const conversation of Object.keys(this.by.value)) this._unset(conversation);
  }

  private _set(conversation: string, actor: Actor): void {
    this._fading.get(conversation)?.();
    this._fading.set(conversation, this._world.after(FADE_MS, () => this._unset(conversation)));
    this.by.value = { ...this.by.value, [conversation]: actor };
  }

  private _unset(conversation: string): void {
    this._fading.get(conversation)?.();
    this._fading.delete(conversation);
    const { [conversation]: _gone, ...rest } = this.by.value;
    this.by.value = rest;
  }
}
