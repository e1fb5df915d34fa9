/** How a site's chat looks and what it has, with a picture of that beside. */
import { useState } from "preact/hooks";
import { prefs } from "../../../staff/prefs";
import { MOST } from "../../state/settings/checks";
import { optional, type Draft } from "../../state/settings/draft";
import type { Appearance, SiteEntry } from "../../state/settings/values";
import { Entry, Part } from "../kit/entry";
import { Cards, NumberField, SelectField, Switch } from "../kit/fields";
import { languagesOf } from "../kit/lists";
import { languageName, set } from "../kit/words";
import { ColourField } from "./colour";
import { Beside } from "./preview";

export interface SitePartProps {
  draft: Draft<Appearance>;
  entry: SiteEntry;
}

export function LookPart({ draft, entry }: SitePartProps) {
  const s = set();
  const look = draft.value.value;
  const [stage, setStage] = useState<"closed" | "chat">("chat");
  const languages = languagesOf(Object.fromEntries(Object.keys(look.texts).map((tag) => [tag, tag])));
  const turn = (key: "files" | "emoji" | "rating" | "hide_when_closed") => (
    <Switch label={s.switches[key]!.title} hint={s.switches[key]!.text} on={look[key]} turn={draft.at(key).set} testid={key} />
  );
  return (
    <Beside unsaved={draft.dirty.value} look={look} name={entry.name} language={look.language ?? prefs.value.language} stage={stage} stages={["closed", "chat"]} show={(one) => setStage(one as "chat")}>
      <Entry draft={draft} changed={entry.appearance}>
        <Part title={s.colours}>
          <ColourField field={draft.at("color")} />
          <Cards label={s.theme} testid="theme" chosen={look.theme} choose={draft.at("theme").set} cards={(["auto", "light", "dark"] as const).map((value) => ({ value, title: s.themes[value]! }))} />
        </Part>
        <Part title={s.placement}>
          <Cards label={s.launcher} testid="launcher-kind" chosen={look.launcher} choose={draft.at("launcher").set} cards={(["round", "bar"] as const).map((value) => ({ value, ...s.launchers[value]! }))} />
          <Cards label={s.side} testid="side" chosen={look.side} choose={draft.at("side").set} cards={(["left", "right"] as const).map((value) => ({ value, title: s.sides[value]! }))} />
          <div class="pair">
            <NumberField label={s.offsetX} field={draft.at("offset_x")} unit="px" most={MOST.offset} testid="offset-x" />
            <NumberField label={s.offsetY} field={draft.at("offset_y")} unit="px" most={MOST.offset} testid="offset-y" />
          </div>
        </Part>
        <Part title={s.abilities}>
          {turn("files")}{turn("emoji")}{turn("rating")}{turn("hide_when_closed")}
          <SelectField label={s.widgetLanguage} hint={s.widgetLanguageHint} field={optional(draft.at("language"))} testid="widget-language"
            options={[["", s.browsersLanguage], ...languages.map((tag): [string, string] => [tag, languageName(tag)])]} />
        </Part>
      </Entry>
    </Beside>
  );
}
