/** The desk's beginning. */
import { signal } from "@preact/signals";
import { render } from "preact";
import { openDb } from "../client/db";
import { browserWorld } from "../client/ports";
import { Uploads } from "../client/uploads";
import type { AgentSession } from "../staff/api";
import { Entered, Entrance } from "../staff/entrance";
import { Api } from "./state/api";
import { Desk } from "./state/desk";
import { words } from "./state/prefs";
import { Workspace } from "./ui/workspace";
import "../staff/base.css";
import "../staff/lines.css";
import "./styles/frame.css";
import "./styles/panel.css";
import "./styles/talk.css";
import "./styles/viewer.css";

const api = new Api();
const uploads = new Uploads({ base: "", token: async (stale) => (stale || !api.token ? (await api.session()).token : api.token) }, browserWorld);
const desk = signal<Desk | null>(null);
const entrance = new Entrance(api, open, shut);

async function open(session: AgentSession, arrived: boolean): Promise<void> {
  const name = `parley-desk:${session.agent}`;
  const opened: Desk = new Desk(session, api, await openDb(name), name, uploads, () => entrance.shut());
  await opened.start(arrived);
  desk.value = opened;
}

function shut(): void {
  desk.value?.stop();
  uploads.forget();
  desk.value = null;
}

function leave(): void {
  desk.value?.drafts.forget();
  void entrance.leave();
}

function App() {
  return <Entered entrance={entrance} text={words().signInText}>{desk.value && <Workspace desk={desk.value} leave={leave} />}</Entered>;
}

render(<App />, document.getElementById("page")!);
void entrance.begin();
