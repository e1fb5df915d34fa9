/** Before one goes from what is not saved, and what was done just now. */
import { useState } from "preact/hooks";
import type { Guard } from "../../state/guard";
import { Dialog } from "./dialog";
import { set } from "./words";

export function Leaving({ guard }: { guard: Guard }) {
  const s = set();
  const [busy, setBusy] = useState(false);
  const save = () => (setBusy(true), void guard.save());
  return (
    <Dialog title={s.leaveAsk} close={() => guard.stay()} testid="leaving" actions={(
      <>
        <button type="button" class="plain" data-testid="leaving-stay" onClick={() => guard.stay()}>{s.stay}</button>
        <span class="gap" />
        <button type="button" class="plain is-danger" data-testid="leaving-discard" onClick={() => guard.discard()}>{s.discard}</button>
        <button type="button" class="primary" autoFocus disabled={busy} data-testid="leaving-save" onClick={save}>{s.saveAndGo}</button>
      </>
    )}><p>{s.leaveText}</p></Dialog>
  );
}

export function Told({ text }: { text: string }) {
  return <div class="told" role="status" data-testid="told">{text && <span>{text}</span>}</div>;
}
