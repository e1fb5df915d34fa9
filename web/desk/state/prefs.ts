/** What this browser remembers of how its agent likes the desk, and what the desk says. */
import { signal } from "@preact/signals";
import { byTag } from "../../i18n/pick";
import { speaking } from "../../staff/prefs";
import { remembered } from "../../staff/remembered";
import type { Words } from "../messages/en";

export const words = speaking(byTag<Words>(import.meta.glob("../messages/*.ts", { eager: true, import: "default" })));

const kept = remembered("parley-desk", {
  sound: true,
  info: true,
  /** Whether the system's notifications are wanted; whether they may be shown the browser knows. */
  notify: false,
  /** Whether visitors that nobody serves call too, or only one's own. */
  waiting: true,
  /** Whether somebody who comes to the site calls. */
  arrivals: false,
});

export const wishes = kept.value;
export const wish = kept.change;

/** On a narrow screen the details lie over the talk: there they are a passing wish, and shut at first. */
const wide = matchMedia("(min-width: 1101px)");
export const info = signal(wide.matches && wishes.value.info);

export function showInfo(shown: boolean): void {
  info.value = shown;
  if (wide.matches) wish({ info: shown });
}
