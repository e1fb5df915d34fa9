/** The small drawings on the forms' buttons. */

const PATHS = {
  up: "M12 19V6M6 11.500l6-6 6 6",
  down: "M12 5v13M6 12.500l6 6 6-6",
  plus: "M12 5v14M5 12h14",
  bin: "M5 7h14M10 7V4.500h4V7M7 7l1 12.500h8L17 7M10.5 11v5M13.5 11v5",
  forth: "M9.5 5l7 7-7 7",
  back: "M14.5 5l-7 7 7 7",
  warn: "M12 4l9 15.500H3zM12 10v4.500M12 17v.01",
  link: "M10 14a4 4 0 0 0 5.700 0l3-3a4 4 0 0 0-5.700-5.700l-1 1M14 10a4 4 0 0 0-5.700 0l-3 3a4 4 0 0 0 5.700 5.700l1-1",
};

export type SignName = keyof typeof PATHS;

export function Sign({ name }: { name: SignName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" width="18" height="18" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.7"
      stroke-linecap="round" stroke-linejoin="round"><path d={PATHS[name]} /></svg>
  );
}

interface SignButtonProps {
  sign: SignName;
  label: string;
  onClick: () => void;
  disabled?: boolean;
  testid?: string;
}

export function SignButton({ sign, label, onClick, disabled = false, testid }: SignButtonProps) {
  return (
    <button type="button" class="tool" title={label} aria-label={label} disabled={disabled} data-testid={testid} onClick={onClick}><Sign name={sign} /></button>
  );
}
