/** The lists of settings: a row for each, which leads to it. */
import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { fill } from "../../../i18n/pick";
import { Empty } from "../../../staff/bits";
import type { Console } from "../../state/console";
import { inOrder } from "../../state/settings/lists";
import { problemText } from "../bits";
import { Sign, SignButton } from "../kit/sign";
import { set } from "../kit/words";

interface RowsProps {
  none: { title: string; text: string };
  children: ComponentChildren[];
}

export function Rows({ none, children }: RowsProps) {
  if (children.length === 0) return <Empty title={none.title} text={none.text} testid="list-none" />;
  return <ul class="rows" data-testid="rows">{children}</ul>;
}

interface RowProps {
  href: string;
  title: string;
  text?: ComponentChildren;
  /** Before the title. */
  mark?: ComponentChildren;
  chips?: string[];
  testid?: string;
  id: string;
  tools?: ComponentChildren;
  off?: boolean;
}

export function Row({ href, title, text, mark, chips = [], id, tools, off = false }: RowProps) {
  return (
    <li class={`row ${off ? "is-off" : ""}`} data-testid="row" data-key={id}>
      {mark}
      <a class="row-link" href={href}>
        <span class="row-title"><strong>{title}</strong>{chips.map((chip) => <span key={chip} class="chip">{chip}</span>)}</span>
        {text && <span class="row-text">{text}</span>}
      </a>
      {tools}
      <span class="row-forth" aria-hidden="true"><Sign name="forth" /></span>
    </li>
  );
}

interface Rule {
  rule: string;
  name: string;
  enabled: boolean;
  order: number;
}

interface RulesProps<R extends Rule> {
  shown: Console;
  rules: R[];
  none: RowsProps["none"];
  href: (rule: R) => string;
  text: (rule: R) => string;
  put: (rule: R) => Promise<unknown>;
}

/** Rules are asked in their order; each can be switched off without being lost. */
export function Rules<R extends Rule>({ shown, rules, none, href, text, put }: RulesProps<R>) {
  const s = set();
  const busy = useRef(false);
  const [turned, setTurned] = useState<{ rule: string; on: boolean } | null>(null);
  const ordered = inOrder(rules);
  /** One after the other; a button that is not pressed twice keeps the focus. */
  const run = (work: () => Promise<unknown>) => {
    if (busy.current) return;
    busy.current = true;
    void work().then(() => shown.tell(s.outcomes["saved"]!), (error: unknown) => shown.tell(problemText(error))).finally(() => {
      busy.current = false;
      setTurned(null);
    });
  };
  const move = (at: number, by: number) => run(() => shown.office.move(ordered, at, by, (rule, order) => put({ ...rule, order })));
  const turn = (rule: R, on: boolean) => (setTurned({ rule: rule.rule, on }), run(() => put({ ...rule, enabled: on })));
  return (
    <Rows none={none}>
      {ordered.map((rule, at) => (
        <Row key={rule.rule} id={rule.rule} href={href(rule)} title={rule.name} text={text(rule)} off={!rule.enabled}
          mark={(
            <label class="toggle is-bare" title={s.enabled}>
              <input type="checkbox" role="switch" checked={turned?.rule === rule.rule ? turned.on : rule.enabled} aria-label={fill(s.enabledOf, { name: rule.name })} data-testid="row-enabled"
                onChange={(event) => turn(rule, event.currentTarget.checked)} />
            </label>
          )}
          tools={(
            <span class="row-tools">
              <SignButton sign="up" label={fill(s.moveUp, { name: rule.name })} disabled={at === 0} testid="row-up" onClick={() => move(at, -1)} />
              <SignButton sign="down" label={fill(s.moveDown, { name: rule.name })} disabled={at === ordered.length - 1} testid="row-down" onClick={() => move(at, 1)} />
            </span>
          )} />
      ))}
    </Rows>
  );
}
