/** A file in a conversation: a picture as it looks, anything else by name and size, each to be downloaded. */
import { useEffect, useState } from "preact/hooks";
import type { Line } from "../../client/transcript";
import { Icon } from "../../staff/bits";
import { region } from "../../i18n/pick";
import { prefs } from "../../staff/prefs";
import type { Desk } from "../state/desk";
import { words } from "../state/prefs";

type SentFile = NonNullable<Line["file"]>;

export function FileBubble({ desk, file }: { desk: Desk; file: SentFile }) {
  const w = words();
  const name = file.name || w.file;
  const save = () => {
    if (file.file) void desk.uploads.save(file.file, name).catch((error: unknown) => desk.toasts.complain(error));
  };
  return (
    <button type="button" class={`bubble file ${file.thumbnail ? "has-picture" : ""}`} title={w.download} data-testid="file" data-name={name} onClick={save}>
      {file.thumbnail && file.file && <Picture desk={desk} file={file} name={name} />}
      <span class="file-name"><Icon name={file.thumbnail ? "download" : "clip"} /><span>{name}</span>{file.size !== undefined && <small>{sizeText(file.size)}</small>}</span>
    </button>
  );
}

/** It has its place before it is here, so that nothing jumps. */
function Picture({ desk, file, name }: { desk: Desk; file: SentFile; name: string }) {
  const [url, setUrl] = useState("");
  useEffect(() => {
    desk.uploads.thumbnail(file.file!).then(setUrl, () => {});
  }, [file.file]);
  const { width, height } = file;
  const shape = width && height ? { aspectRatio: `${width} / ${height}` } : {};
  return <span class="picture" style={shape}>{url && <img src={url} alt={name} />}</span>;
}

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

export function sizeText(bytes: number): string {
  const step = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const form = { style: "unit", unit: UNITS[step]!, unitDisplay: step === 0 ? "long" : "short", maximumSignificantDigits: 3 } as const;
  return new Intl.NumberFormat(region(prefs.value.language), form).format(bytes / 1024 ** step);
}
