/**
 * What goes along when a visitor follows a link of the site: half-written words, and before them a
 * sign that the chat was open. It is this tab's own, and worth nothing later.
 */

/** Where the window would cover the page that was just asked for, it does not open by itself. */
const COVERS_PX = 520;

export class Kept {
  readonly open: boolean;
  readonly draft: string;

  constructor(private readonly _key: string) {
    const text = this._read();
    this.open = text.startsWith("1") && innerWidth > COVERS_PX;
    this.draft = text.slice(1);
  }

  keep(open: boolean, draft: string): void {
    try {
      sessionStorage.setItem(this._key, +open + draft);
    } catch {
      // Storage is refused: the next page begins anew.
    }
  }

  private _read(): string {
    try {
      return sessionStorage.getItem(this._key) ?? "";
    } catch {
      return "";
    }
  }
}
