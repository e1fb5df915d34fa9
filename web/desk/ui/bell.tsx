/** What may call this agent, and how. */
import { useState } from "preact/hooks";
import { askPermission, chime, permission } from "../state/alerts";
import type { Desk } from "../state/desk";
import { wish, wishes, words } from "../state/prefs";
import { Menu } from "./menu";

export function Bell({ desk }: { desk: Desk }) {
  const w = words();
  const quiet = !wishes.value.sound && !wishes.value.notify;
  return (
    <Menu name="alerts" icon={quiet ? "mute" : "bell"} label={w.alerts} role="dialog" side="right">
      {() => <Wishes desk={desk} />}
    </Menu>
  );
}

function Wishes({ desk }: { desk: Desk }) {
  const w = words();
  const { sound, notify, waiting, arrivals } = wishes.value;
  const [allowed, setAllowed] = useState(permission());
  const sounds = (on: boolean) => {
    wish({ sound: on });
    if (on) chime();
  };
  // Asked here and nowhere else: a browser refuses who asks without a click.
  const notices = async (on: boolean) => {
    const answer = on ? await askPermission() : allowed;
    setAllowed(answer);
    wish({ notify: on && answer === "granted" });
  };
  return (
    <>
      <p>{w.alerts}</p>
      <Switch label={w.sound} on={sound} testid="sound" change={sounds} />
      <Switch label={w.notifications} on={notify && allowed === "granted"} testid="notify" change={(on) => void notices(on)} disabled={allowed === "denied" || allowed === "missing"} />
      {allowed === "denied" && <small class="why" role="status">{w.notificationsDenied}</small>}
      <Switch label={w.callWaiting} on={waiting} testid="call-waiting" change={(on) => wish({ waiting: on })} />
      {!desk.roster.limited() && <Switch label={w.callArrivals} on={arrivals} testid="call-arrivals" change={(on) => wish({ arrivals: on })} />}
    </>
  );
}

interface SwitchProps {
  label: string;
  on: boolean;
  testid: string;
  disabled?: boolean;
  change: (on: boolean) => void;
}

function Switch({ label, on, testid, disabled, change }: SwitchProps) {
  return (
    <label class="switch">
      <span>{label}</span>
      <input type="checkbox" role="switch" checked={on} disabled={disabled} data-testid={testid} onChange={(event) => change(event.currentTarget.checked)} />
    </label>
  );
}
