/** One's own password: for whoever works here, administrator or not. */
import { ApiError } from "../../../client/http";
import { prefs } from "../../../staff/prefs";
import type { Api } from "../../state/api";
import { Guard } from "../../state/guard";
import { password, type Problems } from "../../state/settings/checks";
import { Entry, Head, Part, useDraft } from "../kit/entry";
import { TextField } from "../kit/fields";
import { set } from "../kit/words";
import type { PageProps } from "./page";

interface Value {
  old: string;
  fresh: string;
  again: string;
}

const EMPTY: Value = { old: "", fresh: "", again: "" };

export function AccountPage({ shown }: PageProps) {
  const s = set();
  const email = shown.office.agents.now.value.value?.find((one) => one.id === shown.me.agent)?.email;
  // All that was given out under the old password ends, so one signs in anew. Who one is may be here only after the form is.
  const again = async (fresh: string) => {
    const mine = shown.office.agents.now.peek().value?.find((one) => one.id === shown.me.agent)?.email;
    if (mine) await shown.api.session({ tenant: prefs.value.tenant, email: mine, password: fresh });
  };
  return (
    <>
      <Head title={s.names["account"]!} lead={[shown.me.name, email].filter(Boolean).join(" · ")} />
      <PasswordForm api={shown.api} guard={shown.guard} changed={again} told={() => shown.tell(s.passwordChanged)} />
    </>
  );
}

/** For whoever may see nothing else here: afterwards the new password is asked at the door. */
export function OwnPassword({ api, leave }: { api: Api; leave: () => void }) {
  return <section class="own-password"><PasswordForm api={api} guard={LONE} changed={() => Promise.resolve()} told={leave} /></section>;
}

const LONE = new Guard();

interface FormProps {
  api: Api;
  guard: Guard;
  changed: (fresh: string) => Promise<void>;
  told: () => void;
}

function PasswordForm({ api, guard, changed, told }: FormProps) {
  const s = set();
  const draft = useDraft<Value>({ guard }, "account", EMPTY, {
    check,
    save: async ({ old, fresh }) => {
      try {
        await api.change("PUT", "/v1/agents/me/password", { old, new: fresh });
      } catch (error) {
        if (error instanceof ApiError && error.code === "bad_credentials") draft.blame("old", { code: "wrong_password" });
        throw error;
      }
      await changed(fresh);
      return true;
    },
  });
  const secret = { type: "password", maxLength: 1_000 } as const;
  return (
    <Entry draft={draft} verb={s.changePassword} saved={() => (draft.begin(EMPTY), told())}>
      <Part title={s.password}>
        <TextField label={s.oldPassword} field={draft.at("old")} testid="old" input={{ ...secret, autoComplete: "current-password" }} />
        <TextField label={s.freshPassword} hint={s.passwordHint} field={draft.at("fresh")} testid="fresh" input={{ ...secret, autoComplete: "new-password" }} />
        <TextField label={s.againPassword} field={draft.at("again")} testid="again" input={{ ...secret, autoComplete: "new-password" }} />
      </Part>
    </Entry>
  );
}

function check({ old, fresh, again }: Value): Problems {
  const short = password(fresh);
  return {
    ...(old ? {} : { old: { code: "required" } }), ...(short ? { fresh: short } : {}), ...(again === fresh ? {} : { again: { code: "not_same" } }),
  };
}
