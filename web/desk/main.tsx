/** The desk's beginning. */
import { signal } from "@preact/signals";
import { render } from "preact";
import { openDb } from "../client/db";
import type { AgentSession } from "../staff/api";
import { Entered, Entrance } from "../staff/entrance";
import { Api } from "./state/api";
import { Desk } from "./state/desk";
import { noFiles } from "./state/no-files";
import { words } from "./state/prefs";
import { Workspace } from "./ui/workspace";
import "../staff/base.css";
import "../staff/lines.css";
import "./styles/frame.css";
import "./styles/panel.css";
import "./styles/talk.css";

const api = new Api();
const desk = signal<Desk | null>(null);
const entrance = new Entrance(api, open, shut);

async function open(session: AgentSession, arrived: boolean): Promise<void> {
  const name = `parley-desk:${session.agent}`;
  const opened: Desk = new Desk(session, api, await openDb(name), name, noFiles, () => entrance.shut());
  await opened.start(arrived);
  desk.value = opened;
}

function shut(): void {
  desk.value?.stop();
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
