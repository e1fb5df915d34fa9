/** The widget's few drawings, as paths. */

const PATHS = {
  close: "M6 6l12 12M18 6l-12 12",
  send: "M12 19v-14M6 11l6-6 6 6",
  end: "M10 4h-4v16h4M14 8l4 4-4 4M18 12h-8",
  star: "M12 3l3 6 6 1-4 4 1 6-6-3-6 3 1-6-4-4 6-1z",
  globe: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3 12h18M12 3c3 3 3.5 6 3.5 9s-.5 6-3.5 9c-3-3-3.5-6-3.5-9s.5-6 3.5-9z",
  smile: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8 14c1 1.6 2.4 2.4 4 2.4s3-.8 4-2.4M9 9.5h0M15 9.5h0",
  clip: "M20 11l-8.5 8.5a5 5 0 0 1-7-7l8.5-8.5a3.4 3.4 0 0 1 4.8 4.8l-8.5 8.5a1.7 1.7 0 0 1-2.4-2.4l7.6-7.6",
  file: "M6 3h8l5 5v13h-13zM14 3v5h5",
  save: "M12 4v11M7 11l5 5 5-5M5 20h14",
  again: "M20 12a8 8 0 1 1-2.3-5.7M20 3v4h-4",
  sending: "M12 5a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM12 8v4l3 2",
  sent: "M5 13l4 4 10-10",
  delivered: "M2 13l4 4 9-10M11 17l10-10",
  read: "M2 13l4 4 9-10M11 17l10-10",
};

export function Icon({ name, fill = false, size = 24 }: { name: keyof typeof PATHS; fill?: boolean; size?: number }) {
  return (
    <svg viewBox="0 0 24 24" width={size} height={size} aria-hidden="true"
      fill={fill ? "currentColor" : "none"} stroke={fill ? "none" : "currentColor"}
      stroke-width="2">
      <path d={PATHS[name]} />
    </svg>
  );
}
