/** The form before a conversation. What is missing or wrong is said beside its field, and the first such field gets the focus. */
import type { Model } from "../model";
import { inLanguage, type Field, type Form } from "../site";

interface Props {
  model: Model;
  form: Form;
}

export function FormView({ model, form }: Props) {
  const { words, forms } = model;
  const offline = forms.which.value === "offline";
  const intro = inLanguage(form.intro, model.tongue.tag) || (offline ? model.own("away") ?? words.away : model.own("greeting"));
  const submit = (event: Event) => {
    event.preventDefault();
    const box = event.currentTarget as HTMLElement;
    forms.submit();
    box.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  };
  return (
    <form class="form" noValidate onSubmit={submit} data-testid="form" data-kind={forms.which.value}>
      <h2>{offline ? words.offlineTitle : words.formTitle}</h2>
      {intro && <p dir="auto">{intro}</p>}
      {form.fields.map((field, i) => <Row key={field.key} model={model} field={field} first={i === 0} />)}
      <button class="firm" data-testid="form-send">{offline ? words.formSend : words.formStart}</button>
    </form>
  );
}

function Row({ model, field, first }: { model: Model; field: Field; first: boolean }) {
  const { words, forms } = model;
  const fault = forms.faults.value[field.key];
  const id = `field-${field.key}`;
  const label = inLanguage(field.label, model.tongue.tag) || field.key;
  const common = {
    id, name: field.key, "data-testid": id, required: !!field.required, "aria-invalid": !!fault, "aria-describedby": fault ? `${id}-fault` : undefined,
    ref: first && model.stage.asked ? focused : null,
  };
  const check = field.kind === "checkbox";
  const control = <Control model={model} field={field} common={common} />;
  return (
    <div class={`row ${check ? "is-check" : ""}`}>
      {check && control}
      <label for={id} dir="auto">{label}{!field.required && <span class="optional"> ({words.optional})</span>}</label>
      {!check && control}
      {fault && <p id={`${id}-fault`} class="fault" data-testid={`${id}-fault`}>{words.faults[fault]}</p>}
    </div>
  );
}

function Control({ model, field, common }: { model: Model; field: Field; common: object }) {
  const { forms } = model;
  const value = forms.answers.value[field.key] ?? "";
  const take = (event: { currentTarget: { value: string } }) => forms.answer(field.key, event.currentTarget.value);
  switch (field.kind) {
    case "checkbox":
      return <input type="checkbox" {...common} checked={value !== ""} onChange={(event) => forms.answer(field.key, event.currentTarget.checked ? "yes" : "")} />;
    case "select":
      return <Choice model={model} field={field} common={common} value={value} take={take} />;
    case "textarea":
      return <textarea rows={4} {...common} dir="auto" value={value} onInput={take} />;
    default:
      return <input type={field.kind as "text"} autoComplete={FILLED[field.key] ?? "off"} dir="auto" {...common} value={value} onInput={take} />;
  }
}

/** What browsers can fill in by themselves. */
const FILLED: Record<string, string> = { name: "name", email: "email", phone: "tel" };

interface ChoiceProps {
  model: Model;
  field: Field;
  common: object;
  value: string;
  take(event: { currentTarget: { value: string } }): void;
}

/** Departments by their names; own answers are kept in the words that the owner's team reads. */
function Choice({ model, field, common, value, take }: ChoiceProps) {
  const departments = model.place.site.value.departments.map((one) => ({ value: one.department, text: one.name }));
  const own = (field.options ?? []).map((texts) => ({ value: inLanguage(texts, "en") ?? "", text: inLanguage(texts, model.tongue.tag) ?? "" }));
  return (
    <select {...common} value={value} onChange={take}>
      <option value="">{model.words.choose}</option>
      {(field.key === "department" ? departments : own).map((one) => <option value={one.value}>{one.text}</option>)}
    </select>
  );
}

function focused(element: HTMLElement | null): void {
  element?.focus({ preventScroll: true });
}
