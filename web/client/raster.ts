/** Which files are pictures that may be looked at in large. Pure. */
import type { Attachment } from "./types";

/** What the server has decoded. Anything else may be more than a picture to a browser, and is only ever a download. */
const RASTER = new Set(["image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"]);

export function isPicture(file: Partial<Attachment> | undefined): boolean {
  return file?.thumbnail === true && RASTER.has(file.media_type ?? "");
}
