/**
 * Draws JSX into the page: the little that the widget needs of a view library, at a fifth of the
 * weight, since every visitor of every site carries it. Components are plain functions without
 * state; the whole tree is drawn anew and only what differs is touched. The build puts this in the
 * place of `preact/jsx-runtime`, whose types the components are checked against.
 */

type Props = Record<string, unknown>;
type Component = (props: Props) => unknown;

interface Node_ {
  type: string | Component;
  props: Props;
  key: unknown;
}

/** An element or a text, after all components were called: what is really there. */
interface Flat {
  /** Where it stands among its siblings, by key or place: what has the same name stays the same. */
  name: string;
  tag: string;
  props: Props;
}

interface Drawn extends Flat {
  dom: Element | Text;
  kids: Drawn[];
}

const SVG = "http://www.w3.org/2000/svg";

export function jsx(type: string | Component, props: Props, key?: unknown): Node_ {
  return { type, props, key };
}

export { jsx as jsxs };

export function Fragment(props: Props): unknown {
  return props["children"];
}

const roots = new WeakMap<ParentNode, Drawn[]>();

export function draw(tree: unknown, root: Element | ShadowRoot): void {
  roots.set(root, place(root, roots.get(root) ?? [], tree));
}

function flatten(child: unknown, path: string, out: Flat[]): Flat[] {
  if (child === null || child === undefined || typeof child === "boolean") return out;
  if (Array.isArray(child)) {
    child.forEach((one: unknown, i) => flatten(one, `${path}.${(one as Node_ | null)?.key ?? i}`, out));
    return out;
  }
  if (typeof child !== "object") {
    out.push({ name: `${path}#`, tag: "#", props: { text: String(child) } });
    return out;
  }
  const { type, props } = child as Node_;
  if (typeof type === "function") return flatten(type(props), `${path}/`, out);
  out.push({ name: path + type, tag: type, props });
  return out;
}

/** Removal comes before placing, so that what stays is not moved and keeps its focus. */
function place(parent: Element | ShadowRoot, before: Drawn[], tree: unknown): Drawn[] {
  const next = flatten(tree, "", []);
  const names = new Set(next.map((one) => one.name));
  const known = new Map(before.map((one) => [one.name, one]));
  for (const one of before) if (!names.has(one.name)) remove(one);
  let cursor = parent.firstChild;
  return next.map((flat) => {
    const old = known.get(flat.name);
    const drawn = old ?? create(flat, parent);
    if (drawn.dom === cursor) cursor = cursor.nextSibling;
    else parent.insertBefore(drawn.dom, cursor);
    return update(drawn, flat, !old);
  });
}

function create(flat: Flat, parent: Node): Drawn {
  const svg = flat.tag === "svg" || (parent as Element).namespaceURI === SVG;
  const dom = flat.tag === "#" ? document.createTextNode("")
    : svg ? document.createElementNS(SVG, flat.tag) : document.createElement(flat.tag);
  return { ...flat, props: {}, dom, kids: [] };
}

/** Own attributes come before children: a child may be given the focus, and must stand in its place by then. */
function update(drawn: Drawn, { props }: Flat, fresh: boolean): Drawn {
  const { dom, props: before } = drawn;
  drawn.props = props;
  if (dom instanceof Text) {
    if (dom.data !== props["text"]) dom.data = props["text"] as string;
    return drawn;
  }
  for (const name of Object.keys({ ...before, ...props })) {
    if (before[name] !== props[name] || name === "value" || name === "checked") set(dom, name, props[name]);
  }
  drawn.kids = place(dom, drawn.kids, props["children"]);
  if (fresh) (props["ref"] as ((dom: Element) => void) | undefined)?.(dom);
  return drawn;
}

function set(dom: Element, name: string, value: unknown): void {
  const fields = dom as unknown as Record<string, unknown>;
  if (name === "children" || name === "ref") return;
  if (name.startsWith("on")) fields[name.toLowerCase()] = value ?? null;
  else if (name === "value" || name === "checked") {
    if (fields[name] !== value) fields[name] = value;
  } else if (value === null || value === undefined || (value === false && !name.includes("-"))) dom.removeAttribute(name);
  else dom.setAttribute(name, value === true && !name.includes("-") ? "" : String(value));
}

function remove(drawn: Drawn): void {
  forget(drawn);
  drawn.dom.remove();
}

function forget(drawn: Drawn): void {
  drawn.kids.forEach(forget);
  (drawn.props["ref"] as ((dom: null) => void) | undefined)?.(null);
}
