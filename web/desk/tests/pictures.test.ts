/** Only what the server has decoded is looked at in large. */
import { expect, it } from "vitest";
import type { Item as Line } from "../../client/thread";
import { isPicture } from "../../client/raster";
import { contentOf, pictures } from "../state/pictures";

const line = (id: string, media_type: string, more: object = {}): Line =>
  ({ id, file: { file: `f${id}`, name: `${id}.png`, media_type, size: 9, thumbnail: true }, ...more }) as unknown as Line;

it("takes a conversation's decoded pictures in their order, and no drawing, page or erased one", () => {
  const lines = [
    line("a", "image/png"), line("b", "image/svg+xml"), line("c", "text/html"), line("d", "image/avif", { erased: true }), line("e", "image/webp"),
    { id: "t", text: "words" } as unknown as Line, { ...line("g", "image/png"), file: { file: "fg", thumbnail: false } } as unknown as Line,
  ];
  expect(pictures(lines).map(({ line: id, file }) => [id, file])).toEqual([["a", "fa"], ["e", "fe"]]);
  expect([lines[0], lines[1], lines[5]].map((one) => isPicture(one!.file))).toEqual([true, false, false]);
  expect(contentOf(new Blob(["<script>"], { type: "text/html" }), pictures(lines)[0]!).type).toBe("image/png");
});
