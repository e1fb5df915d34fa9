/** Which of a conversation's files are pictures that may be looked at in large, and what each is. Pure. */
import { isPicture } from "../../client/raster";
import type { Item as Line } from "../../client/thread";
import type { Attachment } from "../../client/types";

export type Picture = Attachment & { file: string; line: string };

export function pictures(lines: Line[]): Picture[] {
  return lines.filter((line) => !line.erased && isPicture(line.file)).map((line) => ({ ...(line.file as Attachment & { file: string }), line: line.id }));
}

/** Its content as what the server found it to be, whatever an answer on the way says of it. */
export function contentOf(answer: Blob, { media_type }: Picture): Blob {
  return new Blob([answer], { type: media_type });
}
