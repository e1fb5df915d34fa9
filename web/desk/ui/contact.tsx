/** What a visitor is called and how it is reached, in fields that an agent fills in as they learn it. */
import { useState } from "preact/hooks";
import { Icon } from "../../staff/bits";
import type { Profile } from "../state/api";
import type { Desk } from "../state/desk";
import { words } from "../state/prefs";

interface Props {
  desk: Desk;
  id: string;
  visitor: string;
  name: string | null;
  profile: Profile | null;
}

/** The keyboard that a phone shows for each. */
const FIELDS = [["name", "text"], ["email", "email"], ["phone", "tel"]] as const;

/** As the server has it; none at all is fine too. */
const EMAIL = /^([^@\s]+@[^@\s]+)?$/;

export function Contact({ desk, id, visitor, name, profile }: Props) {
  const w = words();
  const known: Record<string, string> = { name: profile?.name ?? name ?? "", email: profile?.email ?? "", phone: profile?.phone ?? "" };
  const tell = (key: string, value: string) => {
    if (key === "email" && !EMAIL.test(value)) return desk.toasts.complain({ code: "no_email" });
    if (value !== known[key]) desk.doings.introduce(id, visitor, { [key]: value });
  };
  return (
    <section class="contact" data-testid="contact">
      {FIELDS.map(([key, mode]) => <Entry key={key + known[key]} label={w.contact[key]!} mode={mode} value={known[key]!} testid={`contact-${key}`} tell={(value) => tell(key, value)} />)}
      {profile?.user && <p class="user" title={w.userText}><Icon name="check" /><span>{w.user}</span><b>{profile.user}</b></p>}
      <Attributes known={profile?.attributes ?? {}} tell={(key, value) => desk.doings.introduce(id, visitor, { attributes: { [key]: value } })} />
    </section>
  );
}

interface EntryProps {
  label: string;
  mode: (typeof FIELDS)[number][1];
  value: string;
  testid: string;
  tell: (value: string) => void;
}

/** Said when the field is left or Enter is pressed; Escape puts back what was there. */
function Entry({ label, mode, value, testid, tell }: EntryProps) {
  const keys = (event: KeyboardEvent) => {
    const field = event.currentTarget as HTMLInputElement;
    if (event.key === "Escape") field.value = value;
    if (event.key === "Enter" || event.key === "Escape") (event.preventDefault(), field.blur());
  };
  return (
    <label class="entry">
      <span>{label}</span>
      <input inputMode={mode} defaultValue={value} placeholder={words().addIt} maxLength={200} autoComplete="off" data-testid={testid}
        onBlur={(event) => tell(event.currentTarget.value.trim())} onKeyDown={keys} />
    </label>
  );
}

function Attributes({ known, tell }: { known: Record<string, string>; tell: (key: string, value: string) => void }) {
  const w = words();
  const [adding, setAdding] = useState(false);
  const add = (event: Event) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const key = String(data.get("key")).trim();
    const value = String(data.get("value")).trim();
    if (key && value) tell(key, value);
    setAdding(false);
  };
  return (
    <>
      {Object.entries(known).map(([key, value]) => <Entry key={key + value} label={key} mode="text" value={value} testid="attribute" tell={(next) => next !== value && tell(key, next)} />)}
      {adding ? (
        <form class="attribute-new" onSubmit={add}>
          <input name="key" class="small" placeholder={w.attributeName} aria-label={w.attributeName} maxLength={32} pattern="[A-Za-z][\w-]*" required autoFocus data-testid="attribute-key" />
          <input name="value" class="small" placeholder={w.attributeValue} aria-label={w.attributeValue} maxLength={200} required data-testid="attribute-value" />
          <button type="submit" class="tool" aria-label={w.addAttribute} data-testid="attribute-add"><Icon name="check" /></button>
        </form>
      ) : <button type="button" class="link" data-testid="attribute-open" onClick={() => setAdding(true)}>{w.addAttribute}</button>}
    </>
  );
}
