/** A file on its way up, where its message will stand: how far it is, and a way to call it off. */
import { fill } from "../../i18n/pick";
import type { Model } from "../model";
import type { Upload } from "../state/attachments";
import { bytes } from "./file";
import { Icon } from "./icons";

export function UploadView({ model, one, first }: { model: Model; one: Upload; first: boolean }) {
  const { words, files, tongue } = model;
  const part = one.progress === null ? undefined : Math.round(one.progress * 100);
  const name = { name: one.name };
  return (
    <div class={`message own is-last is-sending ${first ? "is-first" : ""}`} role="group" aria-label={words.you} data-testid="upload" data-state="sending" data-id={one.key}>
      <div class="bubble file">
        <Icon name="file" />
        <span class="upload-what">
          <span class="file-name" dir="auto">{one.name}</span>
          <progress max={100} value={part} aria-label={fill(words.uploading, name)} />
          <span>{part !== undefined && `${fill(words.uploaded, { n: part })} · `}{bytes(one.size, tongue.tag)}</span>
        </span>
        <button class="icon" data-testid="upload-cancel" aria-label={fill(words.cancelFile, name)} onClick={() => files.drop(one.key)}><Icon name="close" size={20} /></button>
      </div>
    </div>
  );
}
