/** The desk's beginning: back in by the cookie if it still holds, else to the door. */
import { signal } from "@preact/signals";
import { render } from "preact";
import { openDb } from "../client/db";
import { ApiError } from "../client/http";
import { Api, type AgentSession, type SignIn } from "./state/api";
import { Desk } from "./state/desk";
import { prefs } from "./state/prefs";
import { SignInPage } from "./ui/signin";
import { Workspace } from "./ui/workspace";
import "./styles/base.css";
import "./styles/frame.css";
import "./styles/talk.css";

const api = new Api();
const desk = signal<Desk | null>(null);
const state = signal<"asking" | "door" | "in">("asking");

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

async function leave(): Promise<void> {
  await api.leave().catch(() => {});
  shut();
}

/** With no network the desk waits; only a clear no leads to the door. */
async function begin(): Promise<void> {
  try {
    await enter(await api.session(), false);
  } catch (error) {
    if (error instanceof ApiError && error.passing) setTimeout(() => void begin(), 3_000);
    else state.value = "door";
  }
}

function App() {
  document.documentElement.lang = prefs.value.language;
  if (state.value === "door") return <SignInPage enter={async (signIn: SignIn) => enter(await api.session(signIn), true)} />;
  if (!desk.value) return <div class="splash" />;
  return <Workspace desk={desk.value} leave={() => void leave()} />;
}

render(<App />, document.getElementById("desk")!);
void begin();
