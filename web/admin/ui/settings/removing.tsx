/** A site goes, and comes back: its chat with it, its conversations not. */
import { useState } from "preact/hooks";
import { fill } from "../../../i18n/pick";
import type { AllSettings, SiteEntry } from "../../state/settings/values";
import { problemText } from "../bits";
import { Dialog } from "../kit/dialog";
import { ChangedLine, Refusal } from "../kit/entry";
import { Sign } from "../kit/sign";
import { set } from "../kit/words";
import type { PageProps } from "./page";

type Shown = PageProps["shown"];

export function RemovePart({ shown, entry, done }: { shown: Shown; entry: SiteEntry; done: () => void }) {
  const s = set();
  const [asking, setAsking] = useState(false);
  const remove = async () => {
    await shown.office.remove(`sites/${encodeURIComponent(entry.site)}`, entry.version);
    done();
    shown.tell(fill(s.siteRemoved, { name: entry.name }));
    shown.go({ page: "settings", section: "sites", key: null, part: null });
  };
  return (
    <section class="panel part">
      <h2>{s.removeSite}</h2>
      <p class="lead">{s.removeSiteLead}</p>
      <p class="buttons"><button type="button" class="plain is-framed is-danger" data-testid="remove-site" onClick={() => setAsking(true)}><Sign name="bin" />{s.removeSite}…</button></p>
      {asking && <AskName name={entry.name} run={remove} close={() => setAsking(false)} />}
    </section>
  );
}

/** Whoever removes a site says its name: a click on the wrong one would take the chat from a shop. */
function AskName({ name, run, close }: { name: string; run: () => Promise<void>; close: () => void }) {
  const s = set();
  const [said, setSaid] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const right = said.trim() === name.trim();
  const go = async (event: Event) => {
    event.preventDefault();
    if (!right || busy) return;
    setBusy(true);
    await run().catch((failed: unknown) => (setError(failed), setBusy(false)));
  };
  return (
    <Dialog title={fill(s.removeAsk, { name })} close={close} testid="confirm" actions={(
      <>
        <button type="button" class="plain" onClick={close}>{s.cancel}</button>
        <button type="submit" form="remove-site" class="primary is-danger" disabled={!right || busy} data-testid="confirm-yes">{s.removeSite}</button>
      </>
    )}>
      <form id="remove-site" onSubmit={(event) => void go(event)}>
        <p>{s.removeSiteText}</p>
        <label class="field"><span>{fill(s.sayName, { name })}</span>
          <input type="text" value={said} autoFocus autoComplete="off" spellcheck={false} data-testid="confirm-name" onInput={(event) => setSaid(event.currentTarget.value)} />
        </label>
        {error !== null && <p class="problem" role="alert"><Refusal error={error} /></p>}
      </form>
    </Dialog>
  );
}

/** Those that were removed, to be had again as they were. */
export function RemovedSites({ shown, removed }: { shown: Shown; removed: NonNullable<AllSettings["removed_sites"]> }) {
  const s = set();
  const [busy, setBusy] = useState("");
  if (removed.length === 0) return null;
  const restore = async (site: string, name: string) => {
    setBusy(site);
    await shown.office.restoreSite(site).then(() => shown.tell(fill(s.siteRestored, { name })), (error: unknown) => shown.tell(problemText(error)));
    setBusy("");
  };
  return (
    <section class="removed" aria-labelledby="removed-title" data-testid="removed-sites">
      <h2 id="removed-title">{s.removedSites}</h2>
      <ul class="rows">
        {[...removed].reverse().map((one) => (
          <li key={one.site} class="row is-off" data-testid="removed-site" data-key={one.site}>
            <span class="removed-text"><strong>{one.name}</strong><ChangedLine entry={one} words={s.removedOn} /></span>
            <button type="button" class="plain is-framed" disabled={busy !== ""} data-testid="restore" onClick={() => void restore(one.site, one.name)}>{s.restore}</button>
          </li>
        ))}
      </ul>
    </section>
  );
}
