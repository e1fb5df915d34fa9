/** What the site says of its chat: from the last page at once, and what is true now as soon as it is known. */
import { completed, type Site } from "../site";
import type { Frame } from "./frame";
import { warn } from "./page";
import { store, stored } from "./stored";

/** Longer than this nobody waits for the owner's colours before there is a button. */
const PATIENCE_MS = 4_000;

/** From the last page of this site, if there was one. */
export function remembered(key: string): Site | null {
  const known = stored<Site>(`${key}:site`);
  return known && completed(known);
}

/** Asks anew, and keeps it for the next page. A server without an answer changes nothing. */
export async function refresh(frame: Frame): Promise<void> {
  const { base, site } = frame.setup;
  // An owner who has just let this page in looks at once whether it helped.
  const cache = frame.site.allowed ? "default" : "no-cache";
  try {
    const answer = await fetch(`${base}/v1/sites/${encodeURIComponent(site)}/widget`, { signal: AbortSignal.timeout(PATIENCE_MS), credentials: "omit", cache });
    if (answer.status === 404) return refuse(frame, `there is no site ${site}`);
    if (!answer.ok) return;
    const said = completed((await answer.json()) as Site);
    if (!said.allowed) refuse(frame, `${location.origin} is not among the addresses of this site (Settings, Sites)`);
    store(`${frame.key}:site`, said);
    if (JSON.stringify(said) !== JSON.stringify(frame.site)) frame.take(said);
  } catch {
    // What is known goes on to hold.
  }
}

/** There is no chat here, and whoever made the page is told why. */
function refuse(frame: Frame, why: string): void {
  warn(why);
  frame.take({ ...frame.site, allowed: false });
}
