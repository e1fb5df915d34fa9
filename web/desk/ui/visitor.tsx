/** A visitor in the list and in a conversation's head. */
import { Face, Here, visitorName as named } from "../../staff/bits";
import type { Item } from "../state/inbox";
import { words } from "../state/prefs";

/** The visitor's face, with whether they are there. */
export function VisitorFace({ item, id }: { item: Item | undefined; id: string }) {
  const w = words();
  const known = item && item.status !== "erased";
  return (
    <span class="visitor">
      <Face name={item?.visitor_name ?? w.nobody} id={item?.visitor ?? id} />
      {known && <Here kind={item.visitor_online ? "online" : "gone"} label={item.visitor_online ? w.here : w.gone} />}
    </span>
  );
}

export function visitorName(item: Pick<Item, "visitor_name" | "visitor"> | undefined): string {
  return named(item?.visitor, item?.visitor_name);
}

export function count(n: number): string {
  return n > 99 ? "99+" : String(n);
}
