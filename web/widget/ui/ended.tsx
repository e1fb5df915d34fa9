/** After the end: what it was worth, and how to go on. */
import { fill } from "../../i18n/pick";
import type { Model } from "../model";
import { Icon } from "./icons";

export function Ended({ model }: { model: Model }) {
  const { words } = model;
  const rated = (model.view.value.rating ?? 0) > 0 || model.stars.value < 0;
  return (
    <section class="ended" data-testid="ended" aria-label={words.closedTitle}>
      <p><strong>{words.closedTitle}</strong> {words.closedText}</p>
      {rated ? <p class="thanks" data-testid="rated">{words.rateThanks}</p> : <Rate model={model} />}
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
          <label class={n <= given ? "is-on" : ""} title={fill(words.rateStar, { n })}>
            <input type="radio" name="rating" value={n} checked={n === given} data-testid={`rate-${n}`}
              aria-label={fill(words.rateStar, { n })} onChange={() => (model.stars.value = n)} />
            <Icon name="star" fill={n <= given} />
          </label>
        ))}
      </fieldset>
      {given > 0 && (
        <div class="comment">
          <textarea rows={2} maxLength={1000} placeholder={words.rateComment} aria-label={words.rateComment} data-testid="rate-comment" />
          <button type="submit" class="firm" data-testid="rate-send">{words.rateSend}</button>
        </div>
      )}
    </form>
  );
}
