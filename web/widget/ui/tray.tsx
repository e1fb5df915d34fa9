/** Files that are on their way, above the place where words are written. */
import { fill } from "../../i18n/pick";
import type { Model } from "../model";
import type { Upload } from "../state/attachments";
import { bytes } from "./file";
import { Icon } from "./icons";

export function Tray({ model }: { model: Model }) {
  const all = model.files.all.value;
  if (all.length === 0) return null;
  return <ul class="tray" data-testid="tray">{all.map((one) => <Row key={one.key} model={model} one={one} />)}</ul>;
}

/** What no other try will mend. */
const FINAL = new Set(["too_large", "type_not_allowed", "type_mismatch", "empty_file", "unreadable_file"]);

function Row({ model, one }: { model: Model; one: Upload }) {
  const { words, files } = model;
  const { name } = one.file;
  const part = Math.round(one.progress * 100);
  return (
    <li class="upload" data-testid="upload" data-state={one.fault ? "failed" : "sending"}>
      <Icon name="file" />
      <div class="upload-what">
        <span class="file-name" dir="auto">{name}</span>
        {one.fault ? (
          <span class="fault" role="alert" data-testid="upload-fault">{words.fileFaults[one.fault] ?? words.fileFaults["other"]}</span>
        ) : (
          <>
            <progress max={100} value={part} aria-label={fill(words.uploading, { name })} />
            <span class="meta">{bytes(one.file.size, model.tongue.tag)} · {fill(words.uploaded, { n: part })}</span>
          </>
        )}
      </div>
      {one.fault && !FINAL.has(one.fault) && <button class="icon" data-testid="upload-retry" aria-label={words.retry} onClick={() => files.again(one.key)}><Icon name="again" /></button>}
      <button class="icon" data-testid="upload-cancel" aria-label={one.fault ? words.remove : words.cancel} onClick={() => files.drop(one.key)}><Icon name="close" /></button>
    </li>
  );
}
