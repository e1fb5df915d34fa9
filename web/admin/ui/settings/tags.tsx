/** The tags that the desk suggests. */
import { tags as check } from "../../state/settings/checks";
import { Entry, Head, Part, useDraft } from "../kit/entry";
import { ChipsField } from "../kit/lists";
import { set } from "../kit/words";
import type { PageProps } from "./page";

export function TagsPage({ shown, all }: PageProps) {
  const s = set();
  const draft = useDraft(shown, "tags", { tags: all.tags?.tags ?? [] }, { check: (value) => check(value.tags), save: (value, seen) => shown.office.put("tags", value, seen) }, all.tags?.version);
  return (
    <>
      <Head title={s.names["tags"]!} lead={s.leads["tags"]} />
      <Entry draft={draft} changed={all.tags}>
        <Part title={s.suggested}><ChipsField label={s.names["tags"]!} hint={s.chipsHint} field={draft.at("tags")} testid="tags" placeholder={s.tagsPlaceholder} /></Part>
      </Entry>
    </>
  );
}
