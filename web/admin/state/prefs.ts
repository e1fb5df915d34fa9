/** What the console says, in the language that its reader chose for all pages. */
import { byTag } from "../../i18n/pick";
import { speaking } from "../../staff/prefs";
import type { Words } from "../messages/en";

export const everyLanguage = byTag<Words>(import.meta.glob("../messages/*.ts", { eager: true, import: "default" }));
export const words = speaking(everyLanguage);
