/** What somebody is told who waits: the place in the queue, that nobody is here, and how an answer may reach them all the same. */
import { computed, signal, type ReadonlySignal } from "@preact/signals-core";
import type { Transcript } from "../../client/transcript";
import type { Queue } from "../../client/types";
import type { Site } from "../site";
import { isEmail } from "./answers";
import type { Visits } from "./visits";

export type Notice = { kind: "closed" } | { kind: "nobody" } | { kind: "place"; place: number; minutes: number | null };

const MINUTE_S = 60;

export class Waiting {
  readonly mail = signal("");
  readonly wrong = signal(false);
  /** The address that was left just now. */
  readonly left = signal("");

  constructor(
    private readonly _site: ReadonlySignal<Site>,
    private readonly _view: ReadonlySignal<Transcript>,
    private readonly _talking: ReadonlySignal<boolean>,
    private readonly _queue: ReadonlySignal<Queue | null>,
    private readonly _visits: Visits,
    private readonly _introduce: (email: string) => void,
  ) {}

  /** What was last said of the queue in which this conversation waits, or waited until it ended. */
  private readonly _said = computed(() => {
    const { agent, conversation } = this._view.value;
    const said = this._queue.value;
    return said && !agent && said.conversation === conversation ? said : null;
  });

  readonly notice = computed((): Notice | null => {
    const view = this._view.value;
    if (view.agent || view.status === "closed") return null;
    const queue = this._said.value;
    if (!(queue ?? this._site.value).open) return { kind: "closed" };
    if (!queue) return null;
    if (!queue.staffed) return { kind: "nobody" };
    return { kind: "place", place: queue.place, minutes: typeof queue.wait_s === "number" ? Math.round(queue.wait_s / MINUTE_S) : null };
  });

  /** Somebody has asked something, and may be gone when the answer comes. */
  readonly asks = computed(() => {
    const kind = this.notice.value?.kind;
    const { reachable, declined } = this._visits.now;
    return this._talking.value && (kind === "closed" || kind === "nobody") && !reachable && !declined;
  });

  /** Nobody is there who could answer now; that the chat has ended does not bring anybody. */
  readonly alone = computed(() => {
    const { agent, status } = this._view.value;
    const queue = this._said.value;
    if (agent && status !== "closed") return false;
    return !(queue ?? this._site.value).open || queue?.staffed === false;
  });

  decline(): void {
    this._visits.change((visit) => ({ ...visit, declined: true }));
  }

  leave(): void {
    const email = this.mail.value.trim();
    this.wrong.value = !isEmail(email);
    if (this.wrong.value) return;
    this.left.value = email;
    this._visits.change((visit) => ({ ...visit, reachable: true }));
    this._introduce(email);
  }
}
