/** Which of the small menus is open; one at a time, and a conversation's go with it. */
import { signal } from "@preact/signals";

export const opened = signal("");
