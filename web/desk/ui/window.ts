/**
 * Which rows of a long list are drawn: those in sight and a few around them. All rows are of one
 * height, so their places are products and nothing need be measured.
 */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { RefObject } from "preact";

/** Drawn beyond each edge, so that the focus can step on, and a scroll finds them there. */
const AROUND = 8;

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
