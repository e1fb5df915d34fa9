/** Whether the window is open, and what of the world around it matters: is it looked at, is it all there is room for. */
import { effect, signal } from "@preact/signals-core";
import type { Channel } from "../loader/setup";

/** As `styles.css` says it. */
const WHOLE = "(max-width: 520px), (max-height: 460px)";

export class Stage {
  readonly open;
  /** Whether the window was opened on this page: only then may it take the focus. */
  asked: boolean;
  readonly visible = signal(document.visibilityState === "visible");
  readonly network = signal(navigator.onLine);
  /** The window is as large as the screen, and nothing else can be reached. */
  readonly whole;
  /** It stands in the page, and cannot be closed. */
  readonly fixed: boolean;

  constructor(readonly channel: Channel, wasOpen: boolean) {
    // A page that is nothing but the chat is opened to write.
    this.asked = channel === "link";
    this.fixed = channel !== "widget";
    this.open = signal(wasOpen || this.fixed);
    const query = matchMedia(WHOLE);
    this.whole = signal(query.matches && channel !== "inline");
    query.addEventListener?.("change", () => (this.whole.value = query.matches && channel !== "inline"));
  }

  toggle(open = !this.open.value): void {
    this.asked = true;
    this.open.value = open || this.fixed;
  }

  /** Every sign that the line may be worth another try, or that the tab slept. */
  watch(wake: () => void): void {
    const look = () => {
      this.visible.value = document.visibilityState === "visible";
      this.network.value = navigator.onLine;
      if (this.visible.value) wake();
    };
    for (const name of ["online", "offline", "focus", "pageshow"]) addEventListener(name, look);
    document.addEventListener("visibilitychange", look);
  }

  /** Tells each time that it opens. */
  opened(act: () => void): void {
    effect(() => void (this.open.value && act()));
  }
}
