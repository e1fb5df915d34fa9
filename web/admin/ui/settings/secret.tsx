/** A site's secret, by which its own server vouches for users: seen once, at its making and at each rotation. */
import { useState } from "preact/hooks";
import { fill } from "../../../i18n/pick";
import { prefs } from "../../../staff/prefs";
import { momentText } from "../../state/format";
import { SIGNING, type SigningLanguage } from "../../state/settings/signing";
import type { SiteEntry } from "../../state/settings/values";
import { problemText } from "../bits";
import { Copyable, Dialog } from "../kit/dialog";
import { ChangedLine } from "../kit/entry";
import { Switch } from "../kit/fields";
import { set } from "../kit/words";
import type { PageProps } from "./page";

interface Drawn {
  secret: string;
  until: string | null;
}

export function SecretPart({ shown, entry }: { shown: PageProps["shown"]; entry: SiteEntry }) {
  const s = set();
  const [asking, setAsking] = useState(false);
  const [drawn, setDrawn] = useState<Drawn | null>(null);
  const rotate = async (atOnce: boolean) => {
    const { secret, old_until } = await shown.office.rotateSecret(entry.site, atOnce);
    setAsking(false);
    setDrawn({ secret, until: atOnce ? null : old_until });
  };
  return (
    <section class="panel part">
      <h2>{s.secret}</h2>
      <p class="lead">{s.secretLead}</p>
      <ChangedLine entry={{ changed_at: entry.secret_changed_at ?? null, changed_by: entry.secret_changed_by ?? null }} words={s.secretDrawn} />
      <p class="buttons"><button type="button" class="plain is-framed" data-testid="rotate" onClick={() => setAsking(true)}>{s.rotate}…</button></p>
      {asking && <AskRotate name={entry.name} run={rotate} close={() => setAsking(false)} />}
      {drawn && <SecretShown name={entry.name} site={entry.site} secret={drawn.secret} until={drawn.until} close={() => setDrawn(null)} />}
    </section>
  );
}

function AskRotate({ name, run, close }: { name: string; run: (atOnce: boolean) => Promise<void>; close: () => void }) {
  const s = set();
  const [atOnce, setAtOnce] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const go = () => (setBusy(true), void run(atOnce).catch((error: unknown) => (setProblem(problemText(error)), setBusy(false))));
  return (
    <Dialog title={fill(s.rotateAsk, { name })} close={close} testid="confirm" actions={(
      <>
        <button type="button" class="plain" autoFocus onClick={close}>{s.cancel}</button>
        <button type="button" class="primary" disabled={busy} data-testid="confirm-yes" onClick={go}>{s.rotate}</button>
      </>
    )}>
      <p>{s.rotateText}</p>
      <Switch label={s.leaked} hint={s.leakedHint} on={atOnce} turn={setAtOnce} testid="at-once" />
      {problem && <p class="problem" role="alert">{problem}</p>}
    </Dialog>
  );
}

interface ShownProps {
  name: string;
  site: string;
  secret: string;
  until?: string | null;
  close: () => void;
}

/** The secret, this once, and what is done with it. */
export function SecretShown({ name, site, secret, until = null, close }: ShownProps) {
  const s = set();
  const [language, setLanguage] = useState<SigningLanguage>("Python");
  return (
    <Dialog title={fill(s.secretOf, { name })} close={close} testid="site-secret" wide actions={<button type="button" class="primary" data-testid="site-secret-done" onClick={close}>{s.done}</button>}>
      <p>{s.secretOnce}{until && ` ${fill(s.oldUntil, { at: momentText(until, prefs.value.language) })}`}</p>
      <Copyable text={secret} label={s.secret} testid="site-secret-text" />
      <h3>{s.signing}</h3>
      <p class="hint">{s.signingLead}</p>
      <div class="segments" role="group" aria-label={s.signing}>
        {(Object.keys(SIGNING) as SigningLanguage[]).map((one) => <button key={one} type="button" aria-pressed={one === language} data-testid={`signing-${one}`} onClick={() => setLanguage(one)}>{one}</button>)}
      </div>
      <Copyable text={SIGNING[language](site)} label={`${s.signing}, ${language}`} testid="signing" code />
    </Dialog>
  );
}
