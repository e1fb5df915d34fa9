/** What a site's chat says, language by language. */
import { useState } from "preact/hooks";
import { fill } from "../../../i18n/pick";
import { prefs } from "../../../staff/prefs";
import { LONG, MOST } from "../../state/settings/checks";
import type { Bound } from "../../state/settings/draft";
import { SPOKEN, type Spoken } from "../../state/settings/values";
import { Entry, Part } from "../kit/entry";
import { AreaField, TextField } from "../kit/fields";
import { Another, languagesOf } from "../kit/lists";
import { languageName, set } from "../kit/words";
import type { SitePartProps } from "./look";
import { Beside, ownWords, type Stage } from "./preview";

/** Where each of them is seen. */
const SEEN: Record<Spoken, Stage> = { title: "chat", subtitle: "chat", greeting: "chat", launcher: "closed", placeholder: "chat", away: "offline", thanks: "thanks" };

export function TextsPart({ draft, entry }: SitePartProps) {
  const s = set();
  const look = draft.value.value;
  const spoken = languagesOf(Object.fromEntries(Object.keys(look.texts).map((tag) => [tag, tag])));
  const [chosen, choose] = useState(spoken.includes(prefs.value.language) ? prefs.value.language : "en");
  const [stage, setStage] = useState<Stage>("chat");
  const languages = spoken.includes(chosen) ? spoken : [...spoken, chosen];
  const texts = draft.at("texts");
  const field = (name: Spoken): Bound<string> => {
    const below = draft.below(texts, chosen);
    return { ...draft.below({ ...below, value: below.value ?? {} }, name), value: below.value?.[name] ?? "", problem: draft.problems.value[`texts.${chosen}.${name}`] } as Bound<string>;
  };
  return (
    <Beside unsaved={draft.dirty.value} look={look} name={entry.name} language={chosen} stage={stage} stages={["closed", "chat", "offline", "thanks"]} show={setStage}>
      <Entry draft={draft} changed={entry.appearance}>
        <Part title={s.siteParts["texts"]!} lead={s.textsLead}>
          <div class="segments languages" role="group" aria-label={s.language}>
            {languages.map((tag) => <button key={tag} type="button" aria-pressed={tag === chosen} data-testid={`language-${tag}`} onClick={() => choose(tag)}>{languageName(tag)}</button>)}
            <Another shown={languages} add={choose} testid="language" />
          </div>
          {SPOKEN.map((name) => {
            const common = { label: s.spoken[name]!, field: field(name), testid: `text-${name}` };
            const extra = { lang: chosen, placeholder: ownWords(chosen)[name], maxLength: LONG.has(name) ? MOST.long : MOST.short, onFocus: () => setStage(SEEN[name]) };
            return LONG.has(name) ? <AreaField key={name} {...common} rows={2} area={extra} /> : <TextField key={name} {...common} input={extra} />;
          })}
          <p class="hint">{fill(s.ownWordsHint, { language: languageName(chosen) })}</p>
        </Part>
      </Entry>
    </Beside>
  );
}
