/** Choosing a colour, and whether what stands on it can be read. */
import { fill } from "../../../i18n/pick";
import { prefs } from "../../../staff/prefs";
import { number } from "../../state/format";
import { color as check } from "../../state/settings/checks";
import { legibility, onWhite, readable, verdict } from "../../state/settings/contrast";
import type { Bound } from "../../state/settings/draft";
import { Labelled } from "../kit/fields";
import { Sign } from "../kit/sign";
import { set } from "../kit/words";

const OFFERED = ["#2f5bea", "#0f766e", "#15803d", "#b45309", "#c2410c", "#be123c", "#7c3aed", "#1f2937"];

export function Swatch({ color }: { color: string }) {
  return <svg class="swatch" viewBox="0 0 24 24" width="26" height="26" aria-hidden="true"><circle cx="12" cy="12" r="11" fill={color} /></svg>;
}

export function ColourField({ field }: { field: Bound<string> }) {
  const s = set();
  const good = check(field.value) === null;
  return (
    <>
      <Labelled label={s.color} problem={field.problem}>
        {(aria) => (
          <div class="colour">
            <input type="color" value={good ? field.value : "#000000"} aria-label={s.pickColor} data-testid="color-pick" onInput={(event) => field.set(event.currentTarget.value)} />
            <input type="text" {...aria} value={field.value} maxLength={7} spellcheck={false} data-testid="color" onBlur={field.leave} onInput={(event) => field.set(event.currentTarget.value.trim())} />
            <span class="offered" role="group" aria-label={s.offeredColors}>
              {OFFERED.map((one) => (
                <button key={one} type="button" aria-label={one} aria-pressed={one === field.value} onClick={() => field.set(one)}><Swatch color={one} /></button>
              ))}
            </span>
          </div>
        )}
      </Labelled>
      {good && <Reading color={field.value} use={field.set} />}
    </>
  );
}

function Reading({ color, use }: { color: string; use: (color: string) => void }) {
  const s = set();
  const found = verdict(color);
  const said = (ratio: number) => number(ratio, prefs.value.language, { maximumFractionDigits: 1 });
  const better = readable(color);
  if (found === "good") return <p class="quiet contrast" role="status" data-testid="contrast" data-verdict="good">{fill(s.contrastGood, { n: said(legibility(color)) })}</p>;
  return (
    <p class="warning" role="status" data-testid="contrast" data-verdict={found}>
      <Sign name="warn" /><span>{fill(s.contrasts[found]!, { n: said(onWhite(color)) })}</span>
      {better !== color && <button type="button" class="plain is-framed" data-testid="darker" onClick={() => use(better)}><Swatch color={better} />{fill(s.useDarker, { color: better })}</button>}
    </p>
  );
}
