/** Choosing what language the pages speak. */
import { languages, prefer, prefs, said } from "./prefs";

export function Language() {
  const w = said();
  return (
    <label class="tool language" title={w.language}>
      <span aria-hidden="true">{prefs.value.language === "zh" ? "文" : prefs.value.language.toUpperCase()}</span>
      <select aria-label={w.language} value={prefs.value.language} data-testid="language" onChange={(event) => prefer({ language: event.currentTarget.value })}>
        {Object.entries(languages).map(([tag, one]) => <option value={tag}>{one.name}</option>)}
      </select>
    </label>
  );
}
