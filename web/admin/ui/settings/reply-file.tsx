/** A file that goes along with a canned reply: chosen, on its way up, there, taken away. */
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError } from "../../../client/http";
import type { StoredFile } from "../../../client/uploads";
import { fill } from "../../../i18n/pick";
import { Icon } from "../../../staff/bits";
import type { Bound } from "../../state/settings/draft";
import { problemText } from "../bits";
import { Group } from "../kit/fields";
import { SignButton } from "../kit/sign";
import { set } from "../kit/words";
import type { PageProps } from "./page";

interface Props {
  shown: PageProps["shown"];
  field: Bound<string | null>;
}

interface Way {
  name: string;
  percent: number;
  stop: () => void;
}

export function FileField({ shown, field }: Props) {
  const s = set();
  const input = useRef<HTMLInputElement>(null);
  const [way, setWay] = useState<Way | null>(null);
  const [problem, setProblem] = useState("");
  const latest = useRef(field);
  latest.current = field;
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);
  const take = async (file: File) => {
    const ending = (running.current = new AbortController());
    const at = (percent: number): Way => ({ name: file.name, percent, stop: () => ending.abort() });
    setProblem("");
    setWay(at(0));
    try {
      const { file: id } = await shown.files.upload(file, { signal: ending.signal, onProgress: (sent, size) => setWay(at(Math.floor((100 * sent) / size))) });
      latest.current.set(id);
    } catch (error) {
      if (!(error instanceof ApiError && error.code === "aborted")) setProblem(fill(s.fileFailed, { name: file.name, why: why(error) }));
    }
    setWay(null);
  };
  return (
    <Group label={s.file} hint={s.fileHint} testid="file">
      {way ? (
        <p class="file-way"><progress max={100} value={way.percent} aria-label={way.name} data-testid="file-progress" /><span>{fill(s.uploading, { name: way.name, n: way.percent })}</span>
          <button type="button" class="plain" data-testid="file-stop" onClick={way.stop}>{s.stopUpload}</button></p>
      ) : field.value ? (
        <p class="file-line"><Stored key={field.value} shown={shown} file={field.value} /><SignButton sign="bin" label={s.removeFile} testid="file-remove" onClick={() => field.set(null)} /></p>
      ) : (
        <button type="button" class="plain is-framed" data-testid="file-choose" onClick={() => input.current!.click()}><Icon name="clip" />{s.chooseFile}</button>
      )}
      <input ref={input} type="file" hidden data-testid="file-input" onChange={(event) => {
        const chosen = event.currentTarget.files?.[0];
        event.currentTarget.value = "";
        if (chosen) void take(chosen);
      }} />
      {problem && <p class="problem" role="alert" data-testid="file-problem">{problem}</p>}
    </Group>
  );
}

/** Of an image a small one, and the name; a click has all of it. */
function Stored({ shown, file }: { shown: PageProps["shown"]; file: string }) {
  const s = set();
  const [stored, setStored] = useState<StoredFile | null | undefined>();
  const [picture, setPicture] = useState("");
  useEffect(() => {
    shown.api.file(file).then((found) => {
      setStored(found);
      if (found.thumbnail) shown.files.thumbnail(file).then(setPicture, () => {});
    }, () => setStored(null));
  }, []);
  if (stored === undefined) return <span class="quiet">…</span>;
  if (stored === null) return <span class="quiet">{s.fileGone}</span>;
  return (
    <button type="button" class="file-name" data-testid="file-name" onClick={() => void shown.files.save(file, stored.name).catch(() => {})}>
      {picture ? <img src={picture} alt="" height="40" /> : <Icon name="clip" />}<span>{stored.name}</span>
    </button>
  );
}

function why(error: unknown): string {
  const known = error instanceof ApiError ? set().fileProblems[error.code] : undefined;
  return known ?? problemText(error);
}
