/** Something small that opens beside its button: by mouse and by keyboard, and leads back to where one came from. */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Icon, type IconName } from "../../staff/bits";
import { opened } from "../state/opened";

interface Props {
  /** Only one of all is open at a time; shortcuts open it by this name. */
  name: string;
  icon?: IconName;
  /** What the button looks like and is called, where it is no icon. */
  look?: ComponentChildren;
  label: string;
  /** Whether the label is shown beside the icon. */
  worded?: boolean;
  /** A menu of choices, or a dialog of whatever else. */
  role?: "menu" | "dialog";
  /** Where it has room. */
  side?: "up" | "down" | "right";
  onOpen?: () => void;
  children: () => ComponentChildren;
}

export function Menu({ name, icon, look, label, worded, role = "menu", side = "down", onOpen, children }: Props) {
  const root = useRef<HTMLDivElement>(null);
  const open = opened.value === name;
  useLayoutEffect(() => {
    if (!open) return;
    onOpen?.();
    enter(root.current!);
    const button = root.current!.querySelector<HTMLElement>("button");
    return () => void (document.activeElement === document.body && button?.focus());
  }, [open]);
  const shut = () => {
    opened.value = "";
    root.current?.querySelector<HTMLElement>("button")?.focus();
  };
  return (
    <div ref={root} class="choice" onKeyDown={(event) => open && menuKeys(event, shut)}>
      <button type="button" class={look ? "own" : worded ? "action" : `tool ${open ? "is-active" : ""}`} aria-label={look ? undefined : label} title={label} aria-expanded={open} aria-haspopup={role}
        data-testid={name} onClick={() => (opened.value = open ? "" : name)}>
        {icon && <Icon name={icon} />}{look}{worded && <span>{label}</span>}
      </button>
      {open && <div class="veil" onClick={() => (opened.value = "")} />}
      {open && <div class={`menu is-${side}`} role={role} aria-label={label} data-testid={`${name}-menu`}>{children()}</div>}
    </div>
  );
}

const CHOICES = "button:not(:disabled), a, input:not(:disabled)";

/** To where one writes, else to what holds now, else to the first: whoever opened it by a key goes on by keys. */
function enter(root: HTMLElement): void {
  const menu = root.querySelector<HTMLElement>(".menu")!;
  const first = ["input:not([type=checkbox])", '[aria-checked="true"]', CHOICES].map((each) => menu.querySelector<HTMLElement>(each)).find(Boolean);
  (first ?? root.querySelector<HTMLElement>("button"))?.focus();
}

/** The arrows move through a menu, and Escape leads out of it to where one came from. */
function menuKeys(event: KeyboardEvent, shut: () => void): void {
  const menu = (event.currentTarget as HTMLElement).querySelector<HTMLElement>(".menu");
  const items = [...(menu?.querySelectorAll<HTMLElement>(CHOICES) ?? [])];
  const step = ({ ArrowDown: 1, ArrowUp: -1 } as Record<string, number>)[event.key];
  if (event.key === "Escape") shut();
  else if (step) {
    const at = items.indexOf(event.target as HTMLElement);
    items[(at + step + items.length + (at < 0 && step < 0 ? 1 : 0)) % items.length]?.focus();
  } else return;
  event.preventDefault();
  event.stopPropagation();
}
