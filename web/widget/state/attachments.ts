/** Files as the screen has them: those on their way with their progress, and those that were not sent with the reason. */
import { computed, signal } from "@preact/signals-core";
import { Shipments, type Carrier, type Harbour } from "../../client/shipments";
import type { Visitor } from "../../client/visitor";
import type { Opening } from "../../client/types";

/** Where files are kept; `client/uploads.ts` in the product. Its errors have a `code`. */
export interface FileStore extends Carrier {
  /** The content, whole. */
  download(id: string): Promise<Blob>;
  /** Puts the content among the browser's downloads. */
  save(id: string, name: string): Promise<void>;
  /** The address of a small picture of it. */
  thumbnail(id: string): Promise<string>;
  /** Another person may sit here next. */
  forget(): void;
}

/** What carries files here, and where they wait. */
export type Ways = Pick<Harbour, "blobs" | "tabs" | "world"> & { open(): Promise<FileStore> };

/** A file that is no message yet. */
export interface Upload {
  key: string;
  name: string;
  size: number;
  /** From 0 to 1; null: another tab is at it, and has not said yet. */
  progress: number | null;
  /** The code of what went wrong. */
  fault: string | null;
}

/** What no other try will mend. */
const FINAL = new Set(["too_large", "type_not_allowed", "type_mismatch", "empty_file", "unreadable_file", "lost"]);
/** More than these are summed up. */
const FEW = 2;

export class Attachments {
  /** All that were not sent are shown, however many. */
  readonly unfolded = signal(false);
  readonly shipments: Shipments;
  private _kept: Promise<FileStore> | undefined;

  constructor(
    private readonly _visitor: Visitor,
    private readonly _ways: Ways,
    private readonly _opening: () => Opening,
  ) {
    const { outbox, actor } = _visitor.client;
    this.shipments = new Shipments({ ..._ways, outbox, actor, conversation: _visitor.conversation, carrier: () => this.store() });
  }

  private readonly _all = computed((): Upload[] => {
    const { pending, progress } = this._visitor.client.outbox;
    return pending.value.flatMap(({ key, awaits, refused }) =>
      awaits ? [{ key, name: awaits.name, size: awaits.size, progress: progress.value[key] ?? null, fault: refused?.code ?? null }] : [],
    );
  });

  readonly underWay = computed(() => this._all.value.filter((one) => !one.fault));

  readonly refused = computed(() => this._all.value.filter((one) => one.fault));

  readonly summed = computed(() => this.refused.value.length > FEW && !this.unfolded.value);

  /** Whether another try may help. */
  mendable({ fault }: Upload): boolean {
    return fault !== null && !FINAL.has(fault);
  }

  /** Made when it is first needed; a failure is not kept. */
  store(): Promise<FileStore> {
    this._kept ??= this._ways.open();
    this._kept.catch(() => (this._kept = undefined));
    return this._kept;
  }

  add(files: Iterable<File>): void {
    const opening = this._opening();
    const conversation = opening.invitation ? null : this._visitor.conversation.value;
    for (const file of files) this.shipments.add(file, conversation, this._visitor.opening(opening));
  }

  again(key: string): void {
    void this.shipments.again(key);
  }

  drop(key: string): void {
    void this.shipments.drop(key);
  }

  /** What was not sent is seen. */
  dismiss(): void {
    for (const { key } of this.refused.value) this.drop(key);
    this.unfolded.value = false;
  }

  /** Another person may sit here next. */
  async forget(): Promise<void> {
    // What sends files may never come; then it has no pictures to forget.
    void this._kept?.then((store) => store.forget(), () => {});
    await this.shipments.forget();
  }
}
