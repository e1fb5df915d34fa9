/**
 * Which rows of a long list are drawn: those in sight and a few around them. All rows are of one
 * height, so their places are products and nothing need be measured.
 */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { RefObject } from "preact";

/** Drawn beyond each edge, so that the focus can step on, and a scroll finds them there. */
const AROUND = 8;

/** As the list's own edges are. */
const EDGE_PX = 12;

/** How far down a box of this height is to be scrolled for a row to be wholly in sight: no further than needed. */
export function toShow(at: number, row_px: number, { scrollTop, clientHeight }: Pick<HTMLElement, "scrollTop" | "clientHeight">): number {
  return Math.min(at * row_px, Math.max(scrollTop, (at + 1) * row_px + EDGE_PX - clientHeight));
}

/** Whether anything of a row is in sight. */
export function isSeen(at: number, row_px: number, { scrollTop, clientHeight }: Pick<HTMLElement, "scrollTop" | "clientHeight">): boolean {
  return at >= 0 && (at + 1) * row_px > scrollTop && at * row_px < scrollTop + clientHeight;
}

/** Keeps the chosen row in sight where it goes, unless one has gone to look elsewhere. */
export function useChosen(box: RefObject<HTMLDivElement | null>, chosen: string | null, at: number, row_px: number): void {
  const before = useRef({ chosen, at });
  useLayoutEffect(() => {
    const was = before.current;
    before.current = { chosen, at };
    const followed = was.chosen !== chosen || isSeen(was.at, row_px, box.current!);
    if (at >= 0 && followed) box.current!.scrollTop = toShow(at, row_px, box.current!);
  }, [chosen, at]);
}

export interface Window {
  box: RefObject<HTMLDivElement | null>;
  from: number;
  upto: number;
  /** To be called when the box was scrolled. */
  moved: () => void;
}

export function useWindow(count: number, row_px: number): Window {
  const box = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState({ first: 0, last: 12 });
  const moved = () => {
    const { scrollTop, clientHeight } = box.current!;
    const first = Math.floor(scrollTop / row_px);
    const last = Math.ceil((scrollTop + clientHeight) / row_px);
    setSeen((before) => (before.first === first && before.last === last ? before : { first, last }));
  };
  useLayoutEffect(() => {
    const observer = new ResizeObserver(moved);
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);
  // A list that has become shorter may have left its reader beyond the end.
  useLayoutEffect(moved, [count]);
  return { box, from: Math.max(0, seen.first - AROUND), upto: Math.min(count, seen.last + AROUND), moved };
}
