/**
 * What somebody wrote, as text with its addresses to click. Never as HTML.
 */
import { pieces } from "./links";

export function Text({ text }: { text: string }) {
  return (
    <>
      {pieces(text).map((piece) =>
        typeof piece === "string" ? piece : (
          <a href={piece.href} target="_blank" rel="noopener noreferrer nofollow ugc">{piece.text}</a>
        ),
      )}
    </>
  );
}
