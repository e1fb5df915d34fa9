/** A conversation's tags, with what the workspace and other conversations suggest. */
import { fill } from "../../i18n/pick";
import type { Desk } from "../state/desk";
import { words } from "../state/prefs";

const SUGGESTED = 50;

export function Tags({ desk, id, tags }: { desk: Desk; id: string; tags: string[] }) {
  const w = words();
  const add = (event: Event) => {
    event.preventDefault();
    const input = (event.currentTarget as HTMLFormElement).querySelector("input")!;
    desk.doings.tag(id, input.value);
    input.value = "";
  };
  return (
    <section>
      <h2>{w.tags}</h2>
      <div class="tags" data-testid="tags">
        {tags.length === 0 && <span class="quiet">{w.noTags}</span>}
        {tags.map((tag) => (
          <span key={tag} class="chip is-tag" data-testid="tag" title={tag}><span>{tag}</span>
            <button type="button" aria-label={fill(w.removeTag, { tag })} onClick={() => desk.doings.untag(id, tag)}>×</button>
          </span>
        ))}
      </div>
      <form onSubmit={add}>
        <input class="small" placeholder={w.addTag} aria-label={w.addTag} maxLength={40} list="tag-choices" autoComplete="off" data-testid="tag-input" />
        <datalist id="tag-choices" data-testid="tag-choices">{suggested(desk, tags).map((tag) => <option value={tag} />)}</datalist>
      </form>
    </section>
  );
}

/** The workspace's own first, then those in use, by how often. */
function suggested(desk: Desk, tags: string[]): string[] {
  const uses = new Map<string, number>();
  for (const item of desk.listing.items.value.values()) for (const tag of item.tags) uses.set(tag, 1 + (uses.get(tag) ?? 0));
  const used = [...uses].sort((a, b) => b[1] - a[1]).map(([tag]) => tag);
  return [...new Set([...desk.workspace.tags.value, ...used])].filter((tag) => !tags.includes(tag)).slice(0, SUGGESTED);
}
