/** The console's beginning. */
import { signal } from "@preact/signals";
import { render } from "preact";
import type { AgentSession } from "../staff/api";
import { Entered, Entrance } from "../staff/entrance";
import { Api } from "./state/api";
import { Console } from "./state/console";
import { words } from "./state/prefs";
import { NotForYou, Shell } from "./ui/shell";
import "../staff/base.css";
import "../staff/lines.css";
import "./styles/frame.css";
import "./styles/report.css";
import "./styles/past.css";
import "./styles/settings.css";
import "./styles/live.css";
import "./styles/print.css";

const ADMIN = "admin";
const shown = signal<Console | null>(null);
const api = new Api(() => entrance.shut());
const entrance = new Entrance(api, open, shut);

async function open(session: AgentSession): Promise<void> {
  if (session.role !== ADMIN) return;
  const opened = new Console(session, api);
  opened.start();
  shown.value = opened;
}

function shut(): void {
  shown.value?.stop();
  shown.value = null;
}

function App() {
  const leave = () => void entrance.leave();
  return (
    <Entered entrance={entrance} text={words().signInText}>
      {shown.value ? <Shell shown={shown.value} leave={leave} /> : <NotForYou api={api} leave={leave} />}
    </Entered>
  );
}

render(<App />, document.getElementById("page")!);
void entrance.begin();
