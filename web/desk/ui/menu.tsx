/** Something small that opens beside its button: by mouse and by keyboard, and leads back to where one came from. */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Icon, type IconName } from "../../staff/bits";
import { opened } from "../state/opened";

interface Props {
  /** Only one of all is open at a time; shortcuts open it by this name. */
  name: string;
  icon: IconName;
  label: string;
  /** Whether the label is shown beside the icon. */
  worded?: boolean;
  /** A menu of choices, or a dialog of whatever else. */
  role?: "menu" | "dialog";
  /** Where it has room. */
  side?: "up" | "down" | "right";
  badge?: ComponentChildren;
  onOpen?: () => void;
  children: () => ComponentChildren;
}

export function Menu({ name, icon, label, worded, role = "menu", side = "down", badge, onOpen, children }: Props) {
  const root = useRef<HTMLDivElement>(null);
  const open = opened.value === name;
  useLayoutEffect(() => {
    if (!open) return;
    onOpen?.();
    root.current!.querySelector<HTMLElement>(".menu input:not([type=checkbox])")?.focus();
  }, [open]);
  const shut = () => {
    opened.value = "";
    root.current?.querySelector<HTMLElement>("button")?.focus();
  };
  return (
    <div ref={root} class="choice" onKeyDown={(event) => open && menuKeys(event, shut)}>
      <button type="button" class={worded ? "action" : `tool ${open ? "is-active" : ""}`} aria-label={label} title={label} aria-expanded={open} aria-haspopup={role}
        data-testid={name} onClick={() => (opened.value = open ? "" : name)}>
        <Icon name={icon} />{worded && <span>{label}</span>}{badge}
      </button>
      {open && <div class="veil" onClick={() => (opened.value = "")} />}
      {open && <div class={`menu is-${side}`} role={role} aria-label={label} data-testid={`${name}-menu`}>{children()}</div>}
    </div>
  );
}

/** The arrows move through a menu, and Escape leads out of it to where one came from. */
function menuKeys(event: KeyboardEvent, shut: () => void): void {
  const menu = (event.currentTarget as HTMLElement).querySelector<HTMLElement>(".menu");
  const items = [...(menu?.querySelectorAll<HTMLElement>("button:not(:disabled), input") ?? [])];
  const step = ({ ArrowDown: 1, ArrowUp: -1 } as Record<string, number>)[event.key];
  if (event.key === "Escape") shut();
  else if (step) {
    const at = items.indexOf(event.target as HTMLElement);
    items[(at + step + items.length + (at < 0 && step < 0 ? 1 : 0)) % items.length]?.focus();
  } else return;
  event.preventDefault();
  event.stopPropagation();
}
