/** A file in a conversation: a picture as it looks and opened in large, anything else by name and size, each to be downloaded. */
import { useEffect, useState } from "preact/hooks";
import type { Line } from "../../client/transcript";
import { Icon } from "../../staff/bits";
import { fill, region } from "../../i18n/pick";
import { prefs } from "../../staff/prefs";
import type { Desk } from "../state/desk";
import { isPicture } from "../../client/raster";
import { words } from "../state/prefs";

type SentFile = NonNullable<Line["file"]>;

export function FileBubble({ desk, file, line }: { desk: Desk; file: SentFile; line: string }) {
  const w = words();
  const name = file.name || w.file;
  const save = () => void desk.uploads.save(file.file, name).catch((error: unknown) => desk.toasts.complain(error));
  const what = <><span>{name}</span>{file.size !== undefined && <small>{sizeText(file.size)}</small>}</>;
  if (!isPicture(file)) {
    return (
      <button type="button" class="bubble file" title={w.download} data-testid="file" data-name={name} onClick={save}>
        <span class="file-name"><Icon name="clip" />{what}</span>
      </button>
    );
  }
  return (
    <div class="bubble file has-picture" data-testid="file" data-name={name}>
      <Thumbnail desk={desk} file={file} name={name} look={() => (desk.front.picture.value = line)} />
      <button type="button" class="file-name" title={w.download} data-testid="file-save" onClick={save}><Icon name="download" />{what}</button>
    </div>
  );
}

/** It has its place before it is here, so that nothing jumps. */
function Thumbnail({ desk, file, name, look }: { desk: Desk; file: SentFile; name: string; look: () => void }) {
  const label = fill(words().enlarge, { name });
  const [url, setUrl] = useState("");
  useEffect(() => {
    desk.uploads.thumbnail(file.file).then(setUrl, () => {});
  }, [file.file]);
  const { width, height } = file;
  const shape = width && height ? { aspectRatio: `${width} / ${height}` } : {};
  return <button type="button" class="picture" style={shape} title={label} aria-label={label} data-testid="picture" onClick={look}>{url && <img src={url} alt="" />}</button>;
}

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

export function sizeText(bytes: number): string {
  const step = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const form = { style: "unit", unit: UNITS[step]!, unitDisplay: step === 0 ? "long" : "short", maximumSignificantDigits: 3 } as const;
  return new Intl.NumberFormat(region(prefs.value.language), form).format(bytes / 1024 ** step);
}
