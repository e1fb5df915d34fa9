/** A picture of the conversation, looked at in large: its content, fetched for as long as that is so. */
import { signal } from "@preact/signals-core";
import { isPicture } from "../../client/raster";
import type { Attachment } from "../../client/types";
import type { FileStore } from "./attachments";

export interface Shown {
  name: string;
  /** Where it is; null: on its way; "": it could not be had. */
  url: string | null;
}

export class Viewer {
  readonly shown = signal<Shown | null>(null);

  constructor(private readonly _store: () => Promise<Pick<FileStore, "download">>) {}

  shows(file: Partial<Attachment>): boolean {
    return isPicture(file);
  }

  /** Its content is taken for what the server found it to be, whatever an answer on the way says of it. */
  async open(file: string, name: string, type: string): Promise<void> {
    const one = { name, url: null };
    this.shown.value = one;
    const content = await this._store().then((store) => store.download(file)).catch(() => null);
    if (this.shown.value !== one) return;
    this.shown.value = { name, url: content && URL.createObjectURL(new Blob([content], { type })) };
    if (!content) this.failed();
  }

  /** It cannot be drawn, or be had. */
  failed(): void {
    const { value } = this.shown;
    if (value) this.shown.value = { ...value, url: "" };
  }

  close(): void {
    const url = this.shown.value?.url;
    if (url) URL.revokeObjectURL(url);
    this.shown.value = null;
  }
}
