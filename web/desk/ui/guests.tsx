/** Who is on the site right now, to be found and spoken to first. */
import { useEffect, useState } from "preact/hooks";
import { fill } from "../../i18n/pick";
import { Empty, Face, Icon, visitorName } from "../../staff/bits";
import type { Guest } from "../state/api";
import type { Desk } from "../state/desk";
import { words } from "../state/prefs";
import { deviceOf, placeOf, sourceName } from "./info";
import { countryName } from "./origin";
import { path } from "./path";
import { ConnState } from "./rail";

const SOURCES = ["direct", "search", "social", "referral", "cpc"];
const DEVICES = ["desktop", "mobile", "tablet"];

export function Guests({ desk }: { desk: Desk }) {
  const w = words();
  const { items, present, state } = desk.guests;
  useEffect(() => {
    desk.guests.show();
    return () => desk.guests.hide();
  }, [desk]);
  const narrowed = Object.values(desk.guests.filter.value).some((value) => value !== "");
  return (
    <main class="guests" data-testid="guests" data-state={state.value}>
      <header class="list-head">
        <h1>{w.onSite}{present.value !== null && <small data-testid="present">{present.value}</small>}</h1>
        <ConnState desk={desk} />
      </header>
      <Filters desk={desk} />
      {state.value === "loading" && <p class="quiet" role="status">{w.loading}</p>}
      {state.value === "failed" && items.value.length === 0 && <Empty title={w.guestsFailed} testid="guests-failed" />}
      {state.value === "ready" && items.value.length === 0 && <Empty title={narrowed ? w.emptyFound : w.noGuests} text={narrowed ? "" : w.noGuestsText} testid="guests-empty" />}
      <ul class="guest-list" aria-label={w.onSite}>
        {items.value.map((guest) => <One key={guest.visitor} desk={desk} guest={guest} />)}
      </ul>
    </main>
  );
}

function Filters({ desk }: { desk: Desk }) {
  const w = words();
  const { guests } = desk;
  const filter = guests.filter.value;
  const { sites } = desk.workspace.settings.value;
  const countries = [...new Set([filter.country, ...guests.items.value.map((guest) => guest.country ?? "")])].filter((one) => one !== "").sort();
  return (
    <div class="guest-filters">
      <label class="search">
        <Icon name="find" />
        <input type="search" value={filter.q} placeholder={w.findGuests} aria-label={w.findGuests} data-testid="guest-filter" onInput={(event) => guests.narrow({ q: event.currentTarget.value })} />
      </label>
      <Select label={w.anySource} value={filter.source} testid="guest-source" choices={SOURCES.map((one) => [one, w.sources[one]!])} change={(source) => guests.narrow({ source })} />
      <Select label={w.anyDevice} value={filter.device} testid="guest-device" choices={DEVICES.map((one) => [one, w.devices[one]!])} change={(device) => guests.narrow({ device })} />
      {countries.length > 0 && <Select label={w.anyCountry} value={filter.country} testid="guest-country" choices={countries.map((one) => [one, countryName(one)])} change={(country) => guests.narrow({ country })} />}
      {sites.length > 1 && <Select label={w.anySite} value={filter.site} testid="guest-site" choices={sites.map(({ site, name }) => [site, name])} change={(site) => guests.narrow({ site })} />}
    </div>
  );
}

interface SelectProps {
  label: string;
  value: string;
  testid: string;
  choices: [string, string][];
  change: (value: string) => void;
}

function Select({ label, value, testid, choices, change }: SelectProps) {
  return (
    <select class="which" value={value} aria-label={label} data-testid={testid} onChange={(event) => change(event.currentTarget.value)}>
      <option value="">{label}</option>
      {choices.map(([key, name]) => <option value={key}>{name}</option>)}
    </select>
  );
}

function One({ desk, guest }: { desk: Desk; guest: Guest }) {
  const w = words();
  const [inviting, setInviting] = useState(false);
  const name = visitorName(guest.visitor, guest.name ?? guest.user);
  // The log is quicker than the next look at who is there.
  const { id: conversation, assignee } = desk.listing.talking.value.get(guest.visitor) ?? { id: guest.conversation, assignee: guest.assignee };
  const served = assignee === desk.me.agent ? w.withYou : assignee ? fill(w.talksWith, { name: desk.roster.nameOf(assignee) ?? w.somebody }) : w.waits;
  const facts = [placeOf(guest), deviceOf(guest.device), sourceName(guest.source)].filter(Boolean);
  return (
    <li class="guest" data-testid="guest" data-visitor={guest.visitor}>
      <Face name={guest.name ?? w.nobody} id={guest.visitor} />
      <div class="guest-who"><strong>{name}</strong><small>{facts.join(" · ")}</small></div>
      <div class="guest-page">
        {guest.page && <><span title={guest.page.url}>{guest.page.title || path(guest.page.url)}</span><small>{path(guest.page.url)}</small></>}
      </div>
      <div class="guest-stay"><span>{sinceText(desk, guest.since)}</span><small>{fill(w.visitsText, { visits: guest.visits, pages: guest.pages })}</small></div>
      <div class="guest-do">
        {conversation
          ? <><small>{served}</small><button type="button" class="secondary" data-testid="guest-open" onClick={() => void desk.front.openAt(conversation, 0)}>{w.look}</button></>
          : <button type="button" class="secondary" aria-expanded={inviting} data-testid="guest-invite" onClick={() => setInviting(!inviting)}><Icon name={guest.invited ? "check" : "invite"} />{guest.invited ? w.invited : w.invite}</button>}
      </div>
      {inviting && !conversation && <Invite desk={desk} guest={guest} name={name} done={() => setInviting(false)} />}
    </li>
  );
}

const MINUTE_MS = 60_000;

function sinceText(desk: Desk, since: string): string {
  const minutes = Math.floor((desk.now.value - Date.parse(since)) / MINUTE_MS);
  const w = words();
  if (minutes < 1) return w.justNow;
  return minutes < 60 ? fill(w.minutes, { n: minutes }) : fill(w.hours, { n: Math.floor(minutes / 60) });
}

function Invite({ desk, guest, name, done }: { desk: Desk; guest: Guest; name: string; done: () => void }) {
  const w = words();
  const [text, setText] = useState(fill(w.inviteText, { name: desk.me.name }));
  const [busy, setBusy] = useState(false);
  const send = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const went = await desk.invite(guest.visitor, text.trim());
    setBusy(false);
    if (!went) return;
    desk.toasts.say({ tone: "done", text: fill(w.done.invited, { name }), visitor: guest.visitor });
    void desk.guests.load();
    done();
  };
  return (
    <form class="invite" onSubmit={(event) => void send(event)} onKeyDown={(event) => event.key === "Escape" && done()}>
      <textarea rows={2} value={text} maxLength={2000} aria-label={fill(w.inviteTo, { name })} data-testid="invite-text" autoFocus onInput={(event) => setText(event.currentTarget.value)} />
      <button type="button" class="secondary" onClick={done}>{w.cancel}</button>
      <button type="submit" class="primary" disabled={busy || text.trim() === ""} data-testid="invite-send"><Icon name="send" />{w.sendInvite}</button>
    </form>
  );
}
