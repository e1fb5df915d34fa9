/** Somebody else has saved this while one was working on it: who, what of it, and what one does then. */
import { fill } from "../../../i18n/pick";
import { prefs } from "../../../staff/prefs";
import { momentText } from "../../state/format";
import type { Draft } from "../../state/settings/draft";
import { overtaken } from "../../state/settings/office";
import { actorName, listed, set } from "./words";

export function Overtaken<T extends object>({ draft, error }: { draft: Draft<T>; error: unknown }) {
  const s = set();
  const { current, changed_at, changed_by } = overtaken(error) ? error.told : {};
  const said = { by: actorName(changed_by), at: changed_at ? momentText(changed_at, prefs.value.language) : "" };
  const parts = draft.differing.map((name) => s.parts[name]).filter((name) => name !== undefined);
  return (
    <div class="overtaken" role="alert" data-testid="overtaken">
      <p>{fill(current ? s.overtaken : s.takenAway, said)} {current !== null && parts.length > 0 && fill(s.overtakenParts, { parts: listed(parts) })}</p>
      <p class="buttons">
        {current !== null && <button type="button" class="plain is-framed" data-testid="overtaken-look" onClick={() => draft.look()}>{s.lookAtTheirs}</button>}
        <button type="button" class="plain is-framed" data-testid="overtaken-insist" onClick={() => void draft.insist()}>{s.saveMine}</button>
      </p>
    </div>
  );
}

/** What is in the form is another's; what one wrote is a click away. */
export function Looking<T extends object>({ draft }: { draft: Draft<T> }) {
  const s = set();
  return (
    <div class="overtaken" role="status" data-testid="looking">
      <p>{s.looking}</p>
      <p class="buttons"><button type="button" class="plain is-framed" data-testid="overtaken-back" onClick={() => draft.back()}>{s.backToMine}</button></p>
    </div>
  );
}
