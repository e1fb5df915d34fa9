/** Files that were not sent, above the place where words are written: a line each, or one line for many. */
import { count, fill } from "../../i18n/pick";
import type { Model } from "../model";
import type { Upload } from "../state/attachments";
import { bytes } from "./file";
import { Icon } from "./icons";

export function Tray({ model }: { model: Model }) {
  const { words, files, tongue } = model;
  const refused = files.refused.value;
  if (refused.length === 0) return null;
  return (
    <div class="tray" role="status" data-testid="tray" data-count={refused.length}>
      {refused.length > 1 && (
        <div class="upload">
          <strong class="upload-what" data-testid="upload-sum">{count(words.filesRefused, refused.length, tongue.tag)}</strong>
          {files.summed.value && <button class="link" data-testid="upload-list" onClick={() => (files.unfolded.value = true)}>{words.show}</button>}
          <button class="icon" data-testid="upload-dismiss" aria-label={words.dismissAll} onClick={() => files.dismiss()}><Icon name="close" size={18} /></button>
        </div>
      )}
      {!files.summed.value && <ul>{refused.map((one) => <Row key={one.key} model={model} one={one} />)}</ul>}
    </div>
  );
}

function Row({ model, one }: { model: Model; one: Upload }) {
  const { words, files } = model;
  return (
    <li class="upload" data-testid="upload" data-state="failed">
      <span class="upload-what">
        <span class="file-name" dir="auto" title={one.name}>{one.name}</span>
        <span class="fault" data-testid="upload-fault">{why(model, one)}</span>
      </span>
      {files.mendable(one) && <button class="icon" data-testid="upload-retry" aria-label={fill(words.retryFile, { name: one.name })} onClick={() => files.again(one.key)}><Icon name="again" size={18} /></button>}
      <button class="icon" data-testid="upload-cancel" aria-label={fill(words.removeFile, { name: one.name })} onClick={() => files.drop(one.key)}><Icon name="close" size={18} /></button>
    </li>
  );
}

/** As many whole megabytes as may be sent for sure: a limit is not rounded up. */
function why({ words, place, tongue }: Model, { fault }: Upload): string | undefined {
  const most = place.site.value.max_file_bytes;
  if (fault !== "too_large" || most === 0) return words.fileFaults[fault!] ?? words.fileFaults["other"];
  const whole = most < MEGABYTE ? most : most - (most % MEGABYTE);
  return fill(words.tooLarge, { most: bytes(whole, tongue.tag) });
}

const MEGABYTE = 1e6;
