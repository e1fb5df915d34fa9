/** The canned replies that a stroke has asked for; the keys stay with the field that one writes in. */
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../../staff/bits";
import type { Desk } from "../state/desk";
import { words } from "../state/prefs";
import { matching } from "../state/replies";
import type { Reply } from "../state/settings";

interface Props {
  desk: Desk;
  conversation: string;
  word: string;
  field: RefObject<HTMLTextAreaElement | null>;
  use: (reply: Reply) => void;
  done: () => void;
}

export function Replies({ desk, conversation, word, field, use, done }: Props) {
  const w = words();
  const [at, setAt] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const department = desk.listing.get(conversation)?.department ?? null;
  const found = matching(desk.workspace.settings.value.replies, word, department);
  const chosen = Math.min(at, found.length - 1);
  useEffect(() => setAt(0), [word]);
  useEffect(() => box.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" }), [chosen]);
  // At once, and not after the next picture: until then the keys would mean what was shown before.
  useLayoutEffect(() => {
    const writing = field.current!;
    const key = (event: KeyboardEvent) => {
      if (event.isComposing) return;
      const step = ({ ArrowDown: 1, ArrowUp: -1 } as Record<string, number>)[event.key];
      const reply = found[chosen];
      if (event.key === "Escape") done();
      else if (step && found.length > 0) setAt((chosen + step + found.length) % found.length);
      else if ((event.key === "Enter" || event.key === "Tab") && reply && !event.shiftKey) use(reply);
      else return;
      event.preventDefault();
      event.stopPropagation();
    };
    writing.addEventListener("keydown", key, { capture: true });
    return () => writing.removeEventListener("keydown", key, { capture: true });
  });
  return (
    <div ref={box} class="replies" id="replies" role="listbox" aria-label={w.replies} data-testid="replies">
      {found.length === 0 && <p class="quiet" role="option" aria-selected="false" aria-disabled="true">{desk.workspace.settings.value.replies.length > 0 ? w.noReply : w.noReplies}</p>}
      {found.map((reply, i) => (
        <div key={reply.reply} class="reply" role="option" aria-selected={i === chosen} data-testid="reply" data-shortcut={reply.shortcut}
          onMouseDown={(event) => (event.preventDefault(), use(reply))} onMouseMove={() => i !== chosen && setAt(i)}>
          <kbd>/{reply.shortcut}</kbd><strong>{reply.title}{reply.file && <Icon name="clip" />}</strong><span>{reply.text}</span>
        </div>
      ))}
    </div>
  );
}
