/** What those are told who wait, above the place where they write. */
import { fill, upcoming } from "../../i18n/pick";
import type { Model } from "../model";
import type { Notice } from "../state/waiting";

export function NoticeView({ model }: { model: Model }) {
  const { waiting } = model;
  const notice = waiting.notice.value;
  return (
    <div class="notice-frame">
      <div role="status" class="notice" data-testid="notice" data-kind={notice?.kind ?? "none"} hidden={!notice}>{notice && text(model, notice)}</div>
      {waiting.asks.value && <Mail model={model} />}
      {waiting.notice.value && waiting.alone.value && waiting.left.value && <p role="status" class="notice" data-testid="mail-kept">{fill(model.words.mailKept, { email: waiting.left.value })}</p>}
    </div>
  );
}

function text(model: Model, notice: Notice): string {
  const { words } = model;
  if (notice.kind === "nobody") return words.nobody;
  if (notice.kind === "closed") {
    const back = model.place.site.value.opens_at;
    const away = model.forms.thanked.value ? model.own("thanks") ?? words.offlineThanks : model.own("away") ?? words.away;
    return back ? `${away} ${fill(words.opensAt, { time: upcoming(back, model.tongue.tag) })}` : away;
  }
  const place = notice.place <= 1 ? words.next : fill(words.place, { n: notice.place });
  if (notice.minutes === null) return place;
  return `${place} ${notice.minutes < 1 ? words.waitSoon : fill(words.wait, { n: notice.minutes })}`;
}

function Mail({ model }: { model: Model }) {
  const { words, waiting } = model;
  const wrong = waiting.wrong.value;
  const leave = (event: Event) => {
    event.preventDefault();
    waiting.leave();
  };
  return (
    <form class="mail" noValidate onSubmit={leave}>
      <div class="mail-ask">
        <label for="mail">{words.mailAsk}</label>
        <button type="button" class="link" data-testid="mail-no" onClick={() => waiting.decline()}>{words.mailNo}</button>
      </div>
      <div class="mail-row">
        <input id="mail" type="email" inputMode="email" autoComplete="email" placeholder={words.mailField} value={waiting.mail.value} data-testid="mail"
          aria-invalid={wrong} aria-describedby={wrong ? "mail-fault" : undefined} onInput={(event) => (waiting.mail.value = event.currentTarget.value)} />
        <button class="firm" data-testid="mail-save">{words.mailSave}</button>
      </div>
      {wrong && <p id="mail-fault" class="fault" role="alert" data-testid="mail-fault">{words.faults["email"]}</p>}
    </form>
  );
}

