/** Files on their way back down. Nothing is kept but the thumbnails that a screen has asked for. */
import { ANSWER_MS, type FileLine } from "./file-line";
import type { World } from "./ports";

/** How long the whole of a file may take. */
const WHOLE_MS = 10 * 60_000;
/** Thumbnails kept as blob URLs; an image that is shown already does not need its URL any more. */
export const THUMBNAILS = 300;

export class Downloads {
  private readonly _thumbnails = new Map<string, Promise<string>>();

  constructor(
    private readonly _line: FileLine,
    private readonly _world: World,
  ) {}

  /** The content, whole. */
  async download(id: string): Promise<Blob> {
    return (await this._line.reach(`/files/${id}`, {}, WHOLE_MS)).blob();
  }

  /** Puts the content among the browser's downloads, under its name. */
  async save(id: string, name: string): Promise<void> {
    const url = URL.createObjectURL(await this.download(id));
    const link = Object.assign(document.createElement("a"), { href: url, download: name });
    link.click();
    this._world.after(ANSWER_MS, () => URL.revokeObjectURL(url));
  }

  /** A blob URL of the thumbnail; asked for once. */
  thumbnail(id: string): Promise<string> {
    const known = this._thumbnails.get(id);
    if (known) return known;
    const url = this._line
      .reach(`/files/${id}/thumbnail`)
      .then((response) => response.blob())
      .then((blob) => URL.createObjectURL(blob));
    this._thumbnails.set(id, url);
    url.catch(() => this._thumbnails.delete(id));
    const [oldest] = this._thumbnails.keys();
    if (this._thumbnails.size > THUMBNAILS) this._drop(oldest!);
    return url;
  }

  /** Another person may sit here next. */
  forget(): void {
    for (const id of [...this._thumbnails.keys()]) this._drop(id);
  }

  private _drop(id: string): void {
    void this._thumbnails.get(id)?.then((url) => URL.revokeObjectURL(url), () => {});
    this._thumbnails.delete(id);
  }
}
