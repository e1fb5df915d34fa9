/** What the page may call, and when: at once, and it is done as soon as the chat is there, one thing after the other. */
import type { Chat } from "../chat";
import type { Setup } from "./setup";

interface Loading {
  begin(): Promise<void>;
  chat(): Promise<Chat>;
}

export const warn = (error: unknown): void => console.warn("Parley:", error);

const global = window as unknown as { Parley?: Record<string, (given: never) => void> };

/** Included twice, it is there once; but a page that exchanged its whole body has lost it. */
function here(): unknown {
  return global.Parley?.["signOut"] && (document.readyState === "loading" || document.querySelector("parley-chat"));
}

export function publish(options: Setup, make: (key: string) => Loading): void {
  if (here()) return;
  const began = placed(options).then(() => {
    const loader = make(`parley:${options.base}:${options.site}`);
    return loader.begin().then(() => loader);
  });
  let turn: Promise<unknown> = began.catch(warn);
  const calls = ["open", "close", "identify", "signOut", "page", "set"] as const satisfies (keyof Chat)[];
  const soon = (name: (typeof calls)[number]) => (given: never): void => {
    turn = turn.then(() => began).then((loader) => loader.chat()).then((chat) => chat[name](given)).catch(warn);
  };
  global.Parley = Object.fromEntries(calls.map((name) => [name, soon(name)]));
}

/** The page may still be loading, and the place to draw in be further down than the script. */
async function placed(options: Setup): Promise<void> {
  const there = document.readyState !== "loading" || (document.body && !options.target);
  if (!there) await new Promise((go) => addEventListener("DOMContentLoaded", go));
}

/** Whether the chat stood open on the page before: this tab's own, and worth nothing later. */
export function shown(key: string): boolean {
  try {
    return (sessionStorage.getItem(key) ?? "").startsWith("1");
  } catch {
    return false;
  }
}
