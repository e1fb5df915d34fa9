/**
 * What goes along when a visitor follows a link of the site: half-written words, and before them a
 * sign that the chat was open. It is this tab's own, and worth nothing later.
 */

const KEY = "parley";

export const kept = read();

/** Where the window would cover the page that was just asked for, it does not open by itself. */
export const wasOpen = kept[0] === "1" && innerWidth > 520;

function read(): string {
  try {
    return (sessionStorage[KEY] as string | undefined) ?? "";
  } catch {
    return "";
  }
}

export function keep(open: boolean, draft: string): void {
  try {
    sessionStorage[KEY] = +open + draft;
  } catch {
    // Storage is refused: the next page begins anew.
  }
}
