/** The window, where it stands, and the focus that stays in it where nothing else can be reached. */
import type { Model } from "../model";
import { Composer } from "./composer";
import { Ended } from "./ended";
import { FormView } from "./form";
import { Header } from "./header";
import { Log } from "./log";
import { NoticeView } from "./notice";
import { Nudge } from "./nudge";
import { Aside } from "./aside";
import { Tray } from "./tray";
import { ViewerView } from "./viewer";

export function Widget({ model }: { model: Model }) {
  const { channel } = model.place;
  const open = model.stage.open.value;
  return (
    <div class={`parley is-${channel} ${open ? "is-open" : ""}`} lang={model.tongue.tag}>
      {channel === "widget" && <Nudge model={model} />}
      {channel === "link" && <Aside model={model} />}
      {open && <Window model={model} />}
      <ViewerView model={model} />
    </div>
  );
}

function Window({ model }: { model: Model }) {
  const form = model.forms.form;
  return (
    <div ref={model.fit} class="window" role={model.stage.fixed ? "region" : "dialog"} aria-modal={!model.stage.fixed && model.stage.whole.value ? "true" : undefined}
      aria-label={model.words.title} data-testid="window" onKeyDown={(event) => key(event, model)} {...dropping(model)}>
      <Header model={model} />
      <Line model={model} />
      {form ? <FormView model={model} form={form} /> : (
        <>
          <Log model={model} />
          <NoticeView model={model} />
          {model.closed.value && <Ended model={model} />}
          <Tray model={model} />
          <Composer model={model} />
        </>
      )}
      {model.dragged.value && <div class="drop" aria-hidden="true">{model.words.dropHere}</div>}
    </div>
  );
}

function key(event: KeyboardEvent, model: Model): void {
  if (event.isComposing) return;
  if (event.key === "Tab" && model.stage.whole.value && !model.stage.fixed) turn(event);
  if (event.key !== "Escape" || model.stage.fixed) return;
  event.stopPropagation();
  model.toggle(false);
}

const REACHABLE = "button:not(:disabled), a[href], input, select, textarea:not(:disabled), [tabindex='0']";

/** At the last element of a window that is all there is, Tab goes on with the first. */
function turn(event: KeyboardEvent): void {
  const box = event.currentTarget as HTMLElement;
  const all = [...box.querySelectorAll<HTMLElement>(REACHABLE)].filter((one) => one.tabIndex >= 0 && one.checkVisibility?.() !== false);
  const [first, last] = [all[0], all.at(-1)];
  const active = (box.getRootNode() as ShadowRoot).activeElement;
  const next = event.shiftKey ? (active === first ? last : null) : active === last ? first : null;
  if (!next) return;
  event.preventDefault();
  next.focus();
}

/** Files may be dropped anywhere on the window. */
function dropping(model: Model) {
  const carries = (event: DragEvent) => model.takesFiles && event.dataTransfer?.types.includes("Files");
  return {
    onDragOver: (event: DragEvent) => {
      if (!carries(event)) return;
      event.preventDefault();
      model.dragged.value = true;
    },
    onDragLeave: (event: DragEvent) => {
      const inside = event.relatedTarget instanceof Node && (event.currentTarget as Node).contains(event.relatedTarget);
      if (!inside) model.dragged.value = false;
    },
    onDrop: (event: DragEvent) => {
      model.dragged.value = false;
      if (!carries(event)) return;
      event.preventDefault();
      model.files.add(event.dataTransfer!.files);
    },
  };
}

/** What the line is doing, said humanly; drawn only when it is not simply well. */
function Line({ model }: { model: Model }) {
  const line = model.line.value;
  return (
    <div class={`line line-${line}`} role="status" data-testid="conn-state" data-state={line}>
      <span>{model.words[line]}</span>
    </div>
  );
}
