/** One's own password. */
import { ApiError } from "../../../client/http";
import { prefs } from "../../../staff/prefs";
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
  const draft = useDraft<Value>(shown, "account", EMPTY, {
    check,
    save: async ({ old, fresh }) => {
      try {
        await shown.office.ownPassword(prefs.value.tenant, old, fresh);
      } catch (error) {
        if (error instanceof ApiError && ["bad_credentials", "not_allowed"].includes(error.code)) draft.blame("old", { code: "wrong_password" });
        throw error;
      }
      return true;
    },
  });
  const secret = { type: "password", maxLength: 1_000 } as const;
  return (
    <>
      <Head title={s.names["account"]!} lead={shown.me.name} />
      <Entry draft={draft} verb={s.changePassword} saved={() => (draft.begin(EMPTY), shown.tell(s.passwordChanged))}>
        <Part title={s.password}>
          <TextField label={s.oldPassword} field={draft.at("old")} testid="old" input={{ ...secret, autoComplete: "current-password" }} />
          <TextField label={s.freshPassword} hint={s.passwordHint} field={draft.at("fresh")} testid="fresh" input={{ ...secret, autoComplete: "new-password" }} />
          <TextField label={s.againPassword} field={draft.at("again")} testid="again" input={{ ...secret, autoComplete: "new-password" }} />
        </Part>
      </Entry>
    </>
  );
}

function check({ old, fresh, again }: Value): Problems {
  const short = password(fresh);
  return {
    ...(old ? {} : { old: { code: "required" } }), ...(short ? { fresh: short } : {}), ...(again === fresh ? {} : { again: { code: "not_same" } }),
  };
}
