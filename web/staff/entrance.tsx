/** In and out: back in by the cookie if it still holds, else to the door. What is behind it is the page's own. */
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { ApiError } from "../client/http";
import type { AgentSession, SignIn, StaffApi } from "./api";
import { Door, Mark } from "./door";
import { prefer, prefs, said } from "./prefs";

const RETRY_MS = 3_000;

export class Entrance {
  readonly state = signal<"asking" | "unreachable" | "door" | "in">("asking");

  /** `open` gets whoever comes in, and whether they came through the door just now; `shut` when they are out. */
  constructor(
    private readonly _api: StaffApi,
    private readonly _open: (session: AgentSession, arrived: boolean) => Promise<void>,
    private readonly _shut: () => void,
  ) {}

  /** With no network the page waits; only a clear no leads to the door. */
  async begin(): Promise<void> {
    if (prefs.value.leaving) {
      this.state.value = "door";
      return this._left();
    }
    try {
      await this._enter(await this._api.session(), false);
    } catch (error) {
      this.state.value = passing(error) ? "unreachable" : "door";
      if (passing(error)) setTimeout(() => void this.begin(), RETRY_MS);
    }
  }

  readonly arrive = async (signIn: SignIn): Promise<void> => {
    const session = await this._api.session(signIn);
    prefer({ leaving: false });
    await this._enter(session, true);
  };

  /** Whoever signs out without a network is out all the same: the cookie is given up as soon as that can be said. */
  async leave(): Promise<void> {
    prefer({ leaving: true });
    this.shut();
    await this._left();
  }

  shut(): void {
    this._shut();
    this.state.value = "door";
  }

  private async _enter(session: AgentSession, arrived: boolean): Promise<void> {
    await this._open(session, arrived);
    this.state.value = "in";
  }

  private async _left(): Promise<void> {
    try {
      await this._api.leave();
    } catch (error) {
      if (passing(error)) return void setTimeout(() => void (prefs.value.leaving && this._left()), RETRY_MS);
    }
    prefer({ leaving: false });
  }
}

const passing = (error: unknown): boolean => error instanceof ApiError && error.passing;

export function Entered({ entrance, text, children }: { entrance: Entrance; text: string; children: ComponentChildren }) {
  const state = entrance.state.value;
  document.documentElement.lang = prefs.value.language;
  if (state === "door") return <Door enter={entrance.arrive} text={text} />;
  if (state === "in") return <>{children}</>;
  return <div class="splash" role="status">{state === "unreachable" && <><Mark />{said().errors["unreachable"]}</>}</div>;
}
