/** The widget's few drawings, as paths. */

const PATHS = {
  chat: "M5 4h14a3 3 0 0 1 3 3v8a3 3 0 0 1-3 3h-7l-5 4v-4h-2a3 3 0 0 1-3-3v-8a3 3 0 0 1 3-3z",
  down: "M6 9l6 6 6-6",
  close: "M6 6l12 12M18 6l-12 12",
  send: "M12 19v-14M6 11l6-6 6 6",
  more: "M5 12h0M12 12h0M19 12h0",
  star: "M12 3l3 6 6 1-4 4 1 6-6-3-6 3 1-6-4-4 6-1z",
};

export function Icon({ name, fill = false }: { name: keyof typeof PATHS; fill?: boolean }) {
  return (
    <svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true"
      fill={fill ? "currentColor" : "none"} stroke={fill ? "none" : "currentColor"}
      stroke-width={name === "more" ? 3 : 2}>
      <path d={PATHS[name]} />
    </svg>
  );
}
