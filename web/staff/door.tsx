/** The door. */
import type { InputHTMLAttributes } from "preact";
import { useState } from "preact/hooks";
import { ApiError } from "../client/http";
import type { SignIn } from "./api";
import { errorText } from "./bits";
import { Language } from "./language";
import { prefer, prefs, said } from "./prefs";

interface DoorProps {
  enter: (signIn: SignIn) => Promise<void>;
  text: string;
}

export function Door({ enter, text }: DoorProps) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const w = said();
  const submit = async (event: Event) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const read = (name: string) => String(data.get(name) ?? "").trim();
    const signIn = { tenant: read("tenant"), email: read("email"), password: String(data.get("password") ?? "") };
    setBusy(true);
    setProblem("");
    try {
      await enter(signIn);
      prefer({ tenant: signIn.tenant });
    } catch (error) {
      setProblem(error instanceof ApiError ? errorText(error.code, error.message) : errorText("other", ""));
    } finally {
      setBusy(false);
    }
  };
  return (
    <main class="door">
      <form class="door-card" onSubmit={(event) => void submit(event)}>
        <div class="brand"><Mark /><span>Parley</span><Language /></div>
        <h1>{w.signInTitle}</h1>
        <p>{text}</p>
        <Input label={w.tenant} field={{ name: "tenant", defaultValue: tenant(), autoComplete: "organization", "data-testid": "login-tenant" }} />
        <Input label={w.email} field={{ name: "email", type: "email", autoComplete: "username", autoFocus: true, "data-testid": "login-email" }} />
        <Input label={w.password} field={{ name: "password", type: "password", autoComplete: "current-password", "data-testid": "login-password" }} />
        <div class="problem" role="alert" data-testid="login-error">{problem}</div>
        <button type="submit" class="primary" disabled={busy} data-testid="login-submit">{w.signIn}</button>
        <p class="forgotten">{w.forgotten}</p>
      </form>
    </main>
  );
}

function tenant(): string {
  return new URLSearchParams(location.search).get("tenant") ?? (prefs.value.tenant || "demo");
}

interface InputProps {
  label: string;
  field: InputHTMLAttributes & { "data-testid": string };
}

function Input({ label, field }: InputProps) {
  return (
    <label class="input">
      <span>{label}</span>
      <input {...field} required />
    </label>
  );
}

export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true">
      <rect width="32" height="32" rx="9" class="mark-ground" />
      <path class="mark-back" d="M7 9.500A2.5 2.5 0 0 1 9.5 7h9A2.5 2.5 0 0 1 21 9.500v5a2.5 2.5 0 0 1-2.5 2.500H13l-4 3.500V17A2 2 0 0 1 7 15z" />
      <path class="mark-front" d="M25 17.500a2.5 2.5 0 0 0-2-2.450V15a4.5 4.5 0 0 1-4.5 4.500H14v.500A2.5 2.5 0 0 0 16.5 22.500H20l3.5 3v-3.050a2 2 0 0 0 1.5-1.950z" />
    </svg>
  );
}
