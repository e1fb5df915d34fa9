/** The desk's beginning: back in by the cookie if it still holds, else to the door. */
import { signal } from "@preact/signals";
import { render } from "preact";
import { openDb } from "../client/db";
import { ApiError } from "../client/http";
import { Api, type AgentSession, type SignIn } from "./state/api";
import { Desk } from "./state/desk";
import { prefer, prefs, words } from "./state/prefs";
import { Mark, SignInPage } from "./ui/signin";
import { Workspace } from "./ui/workspace";
import "./styles/base.css";
import "./styles/frame.css";
import "./styles/talk.css";

const api = new Api();
const desk = signal<Desk | null>(null);
const state = signal<"asking" | "unreachable" | "door" | "in">("asking");
const RETRY_MS = 3_000;

async function enter(session: AgentSession, arrived: boolean): Promise<void> {
  const name = `parley-desk:${session.agent}`;
  const opened: Desk = new Desk(session, api, await openDb(name), name, shut);
  await opened.start(arrived);
  desk.value = opened;
  state.value = "in";
}

function shut(): void {
  desk.value?.stop();
  desk.value = null;
  state.value = "door";
}

/** Whoever signs out without a network is out all the same: the cookie is given up as soon as that can be said. */
async function leave(): Promise<void> {
  prefer({ leaving: true });
  desk.value?.drafts.forget();
  shut();
  await left();
}

async function left(): Promise<void> {
  try {
    await api.leave();
  } catch (error) {
    if (passing(error)) return void setTimeout(() => void (prefs.value.leaving && left()), RETRY_MS);
  }
  prefer({ leaving: false });
}

const passing = (error: unknown): boolean => error instanceof ApiError && error.passing;

/** With no network the desk waits; only a clear no leads to the door. */
async function begin(): Promise<void> {
  if (prefs.value.leaving) {
    state.value = "door";
    return left();
  }
  try {
    await enter(await api.session(), false);
  } catch (error) {
    state.value = passing(error) ? "unreachable" : "door";
    if (passing(error)) setTimeout(() => void begin(), RETRY_MS);
  }
}

async function arrive(signIn: SignIn): Promise<void> {
  const session = await api.session(signIn);
  prefer({ leaving: false });
  await enter(session, true);
}

function App() {
  document.documentElement.lang = prefs.value.language;
  if (state.value === "door") return <SignInPage enter={arrive} />;
  if (!desk.value) return <div class="splash" role="status">{state.value === "unreachable" && <><Mark />{words().errors["unreachable"]}</>}</div>;
  return <Workspace desk={desk.value} leave={() => void leave()} />;
}

render(<App />, document.getElementById("desk")!);
void begin();
