/** A picture as large as there is room for it, with the conversation's other pictures before and behind it. */
import { useEffect, useRef, useState } from "preact/hooks";
import { fill } from "../../i18n/pick";
import { Icon, Tool, errorText } from "../../staff/bits";
import type { Desk } from "../state/desk";
import { contentOf, pictures, type Picture } from "../state/pictures";
import { words } from "../state/prefs";
import { sizeText } from "./files";

export function Viewer({ desk, id }: { desk: Desk; id: string }) {
  const line = desk.front.picture.value;
  const all = line === null ? [] : pictures(desk.talks.lines(id));
  const at = all.findIndex((one) => one.line === line);
  return at < 0 ? null : <Large desk={desk} all={all} at={at} />;
}

const STEPS: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1 };

function Large({ desk, all, at }: { desk: Desk; all: Picture[]; at: number }) {
  const w = words();
  const dialog = useRef<HTMLDialogElement>(null);
  const picture = all[at]!;
  const { url, small, state, problem, again, broken } = useLarge(desk, picture);
  const name = picture.name || w.file;
  useEffect(() => (dialog.current!.showModal(), () => void (desk.front.picture.value = null)), []);
  // From the one that is chosen now, which keys that follow quickly have not drawn yet.
  const step = (by: number) => {
    const from = all.findIndex((one) => one.line === desk.front.picture.peek());
    desk.front.picture.value = all[(from + by + all.length) % all.length]!.line;
  };
  const closed = () => {
    desk.front.picture.value = null;
    document.querySelector<HTMLElement>(`[data-id="${CSS.escape(picture.line)}"] [data-testid="picture"]`)?.focus();
  };
  const shape = picture.width && picture.height ? { width: `${picture.width}px`, aspectRatio: `${picture.width} / ${picture.height}` } : {};
  const aside = (by: number, icon: "back" | "forth", label: string) =>
    all.length > 1 && <Tool icon={icon} label={label} testid={by < 0 ? "picture-before" : "picture-next"} onClick={() => step(by)} />;
  return (
    <dialog ref={dialog} class="viewer" aria-label={name} data-testid="viewer" data-state={state} onClose={closed}
      onKeyDown={(event) => all.length > 1 && STEPS[event.key] && (event.preventDefault(), step(STEPS[event.key]!))}>
      <header>
        <p role="status"><strong>{name}</strong><small>{all.length > 1 && `${fill(w.nthPicture, { n: at + 1, of: all.length })} · `}{sizeText(picture.size)}{state === "busy" && ` · ${w.loading}`}</small></p>
        {/* It stays while the next one comes, or whoever stands on it would stand nowhere. */}
        <a class="tool" role="link" tabIndex={0} {...(url ? { href: url } : { "aria-disabled": true })} download={name} title={w.download} aria-label={fill(w.downloadIt, { name })} data-testid="picture-save"><Icon name="download" /></a>
        <Tool icon="close" label={w.closePicture} testid="viewer-close" onClick={() => dialog.current!.close()} />
      </header>
      <div class="stage" onClick={(event) => event.target === event.currentTarget && dialog.current!.close()}>
        {(url || small) && <img key={picture.file} src={state === "failed" ? small : url || small} alt={name} style={shape} onError={broken} />}
        {aside(-1, "back", w.pictureBefore)}
        {aside(1, "forth", w.pictureNext)}
        {problem && <p class="stage-problem" role="alert">{problem}{!url && <button type="button" class="toast-act" onClick={again}>{w.retry}</button>}</p>}
      </div>
    </dialog>
  );
}

/** The picture's own content; until that is here the small one. */
function useLarge(desk: Desk, picture: Picture) {
  const w = words();
  const [url, setUrl] = useState("");
  const [small, setSmall] = useState("");
  const [problem, setProblem] = useState("");
  const [tries, setTries] = useState(0);
  useEffect(() => {
    let made = "";
    let over = false;
    const here = (content: Blob) => !over && setUrl((made = URL.createObjectURL(contentOf(content, picture))));
    const failed = ({ code, message }: { code?: string; message?: string }) => over || setProblem(errorText(code ?? "other", message ?? ""));
    [setUrl, setSmall, setProblem].forEach((set) => set(""));
    desk.uploads.thumbnail(picture.file).then((thumbnail) => over || setSmall(thumbnail), () => {});
    desk.uploads.download(picture.file).then(here, failed);
    return () => {
      over = true;
      URL.revokeObjectURL(made);
    };
  }, [picture.file, tries]);
  const state = problem ? "failed" : url ? "ready" : "busy";
  return { url, small, state, problem, again: () => setTries(tries + 1), broken: () => url && setProblem(w.noPicture) };
}
