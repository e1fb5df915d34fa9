/** What a search found, as pieces of text of which some are marked. Marks count code points, not JavaScript's units. Pure. */

export interface Snippet {
  text: string;
  marks: [start: number, end: number][];
}

export interface Piece {
  text: string;
  hit: boolean;
}

export function pieces({ text, marks }: Snippet): Piece[] {
  const points = [...text];
  const out: Piece[] = [];
  let done = 0;
  for (const [start, end] of [...marks].sort((a, b) => a[0] - b[0])) {
    const from = Math.max(start, done);
    if (end <= from) continue;
    if (from > done) out.push({ text: points.slice(done, from).join(""), hit: false });
    out.push({ text: points.slice(from, end).join(""), hit: true });
    done = end;
  }
  if (done < points.length) out.push({ text: points.slice(done).join(""), hit: false });
  return out.filter((piece) => piece.text !== "");
}
