/** A message that is a file: an image as a small picture, which a click shows in large; anything else as a card, which a click fetches. */
import { signal } from "@preact/signals-core";
import type { Line } from "../../client/transcript";
import { fill, region } from "../../i18n/pick";
import type { Model } from "../model";
import { Icon } from "./icons";

type File = NonNullable<Line["file"]>;

const WIDEST_PX = 240;
const TALLEST_PX = 260;

/** Blob URLs by the file's id; "": it could not be had, or may not be shown here. */
const pictures = signal<Record<string, string>>({});

export function FileView({ model, file }: { model: Model; file: File }) {
  const { words, viewer } = model;
  const id = file.file;
  const name = file.name ?? words.file;
  const picture = file.thumbnail ? pictureOf(model, id) : "";
  const large = picture !== "" && viewer.shows(file);
  const act = () => void (large ? viewer.open(id, name, file.media_type!) : model.files.store().then((store) => store.save(id, name)).catch(() => {}));
  return (
    <button class={picture === "" ? "file" : "file is-picture"} data-testid="file" title={fill(large ? words.enlarge : words.download, { name })} aria-label={picture === "" ? undefined : fill(words.image, { name })} aria-haspopup={large ? "dialog" : undefined} onClick={act}>
      {picture === "" ? <Card name={name} size={file.size} model={model} /> : (
        <span class="picture" ref={sized(file)}>
          {picture && <img src={picture} alt="" data-testid="thumbnail" onError={() => (pictures.value = { ...pictures.value, [id]: "" })} />}
        </span>
      )}
    </button>
  );
}

function Card({ model, name, size }: { model: Model; name: string; size: number | undefined }) {
  return (
    <>
      <Icon name="file" />
      <span class="upload-what">
        <span class="file-name" dir="auto">{name}</span>
        {size !== undefined && <span>{bytes(size, model.tongue.tag)}</span>}
      </span>
      <Icon name="save" />
    </>
  );
}

/** Room is kept before the picture is there, so that nothing jumps. A style set by script is allowed where one in the markup is not. */
function sized({ width = WIDEST_PX, height = WIDEST_PX }: File): (box: HTMLElement | null) => void {
  const scale = Math.min(1, WIDEST_PX / width, TALLEST_PX / height);
  return (box) => {
    box?.style.setProperty("width", `${Math.max(60, Math.round(width * scale))}px`);
    box?.style.setProperty("aspect-ratio", `${width} / ${height}`);
  };
}

function pictureOf(model: Model, id: string): string | undefined {
  const known = pictures.value[id];
  if (known === undefined && !asked.has(id)) {
    asked.add(id);
    const show = (url: string) => (pictures.value = { ...pictures.value, [id]: url });
    void model.files.store().then((store) => store.thumbnail(id)).then(show, () => show(""));
  }
  return known;
}

const asked = new Set<string>();

export function bytes(size: number, language: string): string {
  const [unit, divisor] = size < 1e6 ? (["kilobyte", 1e3] as const) : (["megabyte", 1e6] as const);
  const value = Math.max(0.1, size / divisor);
  return new Intl.NumberFormat(region(language), { style: "unit", unit, maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
}
