/** The files that go with the next words, each with how far it is. */
import { Icon, errorText } from "../../staff/bits";
import { fill } from "../../i18n/pick";
import type { Attachment } from "../state/attachments";
import type { Desk } from "../state/desk";
import { words } from "../state/prefs";
import { sizeText } from "./files";

export function Attached({ desk, files }: { desk: Desk; files: Attachment[] }) {
  if (files.length === 0) return null;
  return (
    <ul class="attached" data-testid="attached">
      {files.map((one) => <One key={one.key} desk={desk} one={one} />)}
    </ul>
  );
}

function One({ desk, one }: { desk: Desk; one: Attachment }) {
  const w = words();
  const { problem, stored, share } = one;
  return (
    <li class={problem ? "is-refused" : ""} data-testid="attachment" data-state={problem ? "refused" : stored ? "ready" : "sending"}>
      <Icon name="clip" />
      <span class="attached-name" title={one.name}>{one.name}</span>
      {problem ? <span class="attached-why" role="alert">{errorText(problem.code ?? "other", problem.message ?? "")}</span> : one.size > 0 && <small>{sizeText(one.size)}</small>}
      {problem && <button type="button" class="link" onClick={() => desk.attachments.again(one.key)}>{w.retry}</button>}
      {!stored && !problem && <progress max={1} value={share} aria-label={fill(w.uploadingOne, { name: one.name })} />}
      <button type="button" class="attached-drop" aria-label={fill(w.dropFile, { name: one.name })} onClick={() => desk.attachments.drop(one.key)}><Icon name="close" /></button>
    </li>
  );
}
