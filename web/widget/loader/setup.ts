/** What the script's tag says. */
import type { Identity } from "../../client/door";

/** How the chat stands on the page, which is also the channel that its conversations come by. */
export type Channel = "widget" | "inline" | "link";

export interface Setup {
  base: string;
  site: string;
  /** What the page insists on. */
  language: string | undefined;
  colour: string | undefined;
  target: string | undefined;
  /** The whole page is the chat. */
  page: boolean;
  identity: Identity | undefined;
}

export function setup(script: HTMLScriptElement | null): Setup | null {
  const data = script?.dataset;
  if (!data?.["site"]) return null;
  const page = data["page"] !== undefined;
  return {
    base: data["server"] ?? new URL(script!.src).origin,
    site: data["site"],
    language: data["language"] ?? (page ? asked() : undefined),
    colour: data["color"],
    target: data["target"],
    page,
    identity: identity(data["identity"]),
  };
}

/** `?lang=` of the stand-alone page. */
function asked(): string | undefined {
  return new URLSearchParams(location.search).get("lang") ?? undefined;
}

function identity(json: string | undefined): Identity | undefined {
  try {
    return json ? (JSON.parse(json) as Identity) : undefined;
  } catch {
    return undefined;
  }
}
