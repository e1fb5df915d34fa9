/** Beside the conversation: who the visitor is and where they have been. */
import { clock, fill, region } from "../../i18n/pick";
import { Face, Field, Tool } from "../../staff/bits";
import { prefs } from "../../staff/prefs";
import type { Desk } from "../state/desk";
import type { Item } from "../state/inbox";
import { showInfo, words } from "../state/prefs";
import { visitorName } from "./visitor";

interface Props {
  desk: Desk;
  id: string;
  item: Item | undefined;
}

export function Info({ desk, id, item }: Props) {
  const w = words();
  const view = desk.transcript(id);
  const served = desk.roster.nameOf(item?.assignee) ?? item?.assignee_name ?? view.agent?.name;
  return (
    <aside class="info" aria-label={w.details} data-testid="info">
      <header>
        <Face name={item?.visitor_name ?? w.nobody} id={item?.visitor ?? id} />
        <strong>{visitorName(item)}</strong>
        <span class="only-narrow"><Tool icon="close" label={w.hideDetails} onClick={() => showInfo(false)} /></span>
      </header>
      <dl>
        <Field label={w.assignee}>{served ?? w.none}</Field>
        {(item?.department ?? view.department) && <Field label={w.department}>{item?.department ?? view.department}</Field>}
        {item && <Field label={w.started}>{new Date(item.started_at).toLocaleString(region(prefs.value.language), { dateStyle: "medium", timeStyle: "short" })}</Field>}
        {view.rating && <Field label={w.rating}><span class="stars">{"★".repeat(view.rating)}<i>{"★".repeat(5 - view.rating)}</i></span></Field>}
      </dl>
      {item?.status !== "erased" && <Tags desk={desk} id={id} tags={item?.tags ?? view.tags} />}
      <Pages desk={desk} item={item} first={view.page} />
      <Others desk={desk} item={item} />
    </aside>
  );
}

function Tags({ desk, id, tags }: { desk: Desk; id: string; tags: string[] }) {
  const w = words();
  const add = (event: Event) => {
    event.preventDefault();
    const input = (event.currentTarget as HTMLFormElement).querySelector("input")!;
    const tag = input.value.trim().slice(0, 40);
    if (tag && !tags.includes(tag)) desk.do("tag", id, { tags: [...tags, tag] });
    input.value = "";
  };
  return (
    <section>
      <h2>{w.tags}</h2>
      <div class="tags" data-testid="tags">
        {tags.length === 0 && <span class="quiet">{w.noTags}</span>}
        {tags.map((tag) => (
          <span class="chip is-tag" data-testid="tag" title={tag}><span>{tag}</span>
            <button type="button" aria-label={fill(w.removeTag, { tag })} onClick={() => desk.do("tag", id, { tags: tags.filter((one) => one !== tag) })}>×</button>
          </span>
        ))}
      </div>
      <form onSubmit={add}><input class="small" placeholder={w.addTag} aria-label={w.addTag} maxLength={40} data-testid="tag-input" /></form>
    </section>
  );
}

function Pages({ desk, item, first }: { desk: Desk; item: Item | undefined; first: { url: string; title?: string } | null }) {
  const w = words();
  const seen = item ? (desk.listing.pages.value.get(item.visitor) ?? []) : [];
  const start = first && item ? [{ page: first, at: item.started_at }] : [];
  const views = [...(seen.length > 0 ? seen : start)].reverse();
  return (
    <section>
      <h2>{w.pages}</h2>
      {views.length === 0 ? <p class="quiet">{w.noPages}</p> : (
        <ol class="pages" data-testid="pages">
          {views.map((view) => (
            <li><span title={view.page.url}>{view.page.title || path(view.page.url)}</span><small>{path(view.page.url)} · {clock(view.at, prefs.value.language)}</small></li>
          ))}
        </ol>
      )}
    </section>
  );
}

function path(url: string): string {
  try {
    const { host, pathname } = new URL(url);
    return host + pathname;
  } catch {
    return url;
  }
}

function Others({ desk, item }: { desk: Desk; item: Item | undefined }) {
  const w = words();
  const others = [...desk.listing.items.value.values()].filter((one) => one.visitor === item?.visitor && one.id !== item.id);
  return (
    <section>
      <h2>{w.earlierOnes}</h2>
      {others.length === 0 ? <p class="quiet">{w.noOthers}</p> : others.map((one) => (
        <button type="button" class="other" onClick={() => void desk.open(one.id)}>
          <span>{one.last?.text ?? w.conversations}</span>
          <small>{new Date(one.last_at).toLocaleDateString(region(prefs.value.language))}</small>
        </button>
      ))}
    </section>
  );
}
