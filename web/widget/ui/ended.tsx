/** After the end: what it was worth, and how to go on. */
import { fill } from "../../i18n/pick";
import type { Model } from "../model";
import { Icon } from "./icons";

export function Ended({ model }: { model: Model }) {
  const { words } = model;
  const last = model.items.value.findLast((item) => /closed|rated/.test(item.type));
  const answered = model.items.value.some((item) => item.type === "conversation.assigned" || (item.kind === "message" && item.actor.role === "agent"));
  const rated = last?.type === "conversation.rated" || model.stars.value < 0;
  return (
    <section class="ended" data-testid="ended" aria-label={words.closedLine}>
      <p><strong>{words.closedLine}</strong> {words.closedText}</p>
      {!model.appearance.rating || !answered ? null : rated ? <p class="thanks" data-testid="rated">{words.rateThanks}</p> : <Rate model={model} />}
    </section>
  );
}

function Rate({ model }: { model: Model }) {
  const { words } = model;
  const given = model.stars.value;
  const send = (event: Event) => {
    event.preventDefault();
    model.rate((event.target as HTMLFormElement).querySelector("textarea")?.value ?? "");
  };
  return (
    <form onSubmit={send}>
      <fieldset class="stars">
        <legend>{words.rateAsk}</legend>
        {[1, 2, 3, 4, 5].map((n) => (
          <label class={n <= given ? "is-on" : ""}>
            <input type="radio" name="rating" value={n} checked={n === given} data-testid={`rate-${n}`}
              aria-label={fill(words.rateStar, { n })} onChange={() => (model.stars.value = n)} />
            <Icon name="star" fill={n <= given} />
          </label>
        ))}
      </fieldset>
      {given > 0 && (
        <div class="comment">
          <textarea rows={2} maxLength={1000} placeholder={words.rateComment} aria-label={words.rateComment} data-testid="rate-comment" />
          <button class="firm" data-testid="rate-send">{words.rateSend}</button>
        </div>
      )}
    </form>
  );
}
