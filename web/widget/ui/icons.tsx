/** The widget's few drawings, as paths. */

const PATHS = {
  chat: "M12 3c-5.2 0-9.4 3.5-9.4 7.9 0 2.5 1.4 4.7 3.5 6.1-.1 1-.5 2.3-1.4 3.4-.2.3 0 .7.4.6 2-.3 3.6-1.2 4.6-1.9.7.1 1.5.2 2.3.2 5.2 0 9.4-3.5 9.4-7.900S17.2 3 12 3Z",
  down: "M6 9l6 6 6-6",
  close: "M6 6l12 12M18 6L6 18",
  send: "M12 19V5M6 11l6-6 6 6",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  star: "M12 3.600l2.6 5.3 5.8.85-4.2 4.1 1 5.800L12 16.900l-5.2 2.75 1-5.8-4.2-4.1 5.8-.850L12 3.600Z",
};

export function Icon({ name, fill = false }: { name: keyof typeof PATHS; fill?: boolean }) {
  return (
    <svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false"
      fill={fill ? "currentColor" : "none"} stroke={fill ? "none" : "currentColor"}
      stroke-width={name === "more" ? 3 : 2} stroke-linecap="round" stroke-linejoin="round">
      <path d={PATHS[name]} />
    </svg>
  );
}
