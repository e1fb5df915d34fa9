// @vitest-environment happy-dom
/** The widget's own drawing: what stays the same stays the same element. */
import { beforeEach, describe, expect, it } from "vitest";
import { Fragment, draw, jsx } from "../draw";

let root: HTMLElement;

beforeEach(() => {
  root = document.createElement("div");
  document.body.replaceChildren(root);
});

const list = (...keys: string[]) => jsx("ul", { children: keys.map((key) => jsx("li", { children: key }, key)) });

describe("draw", () => {
  it("makes elements, text, attributes and nested components", () => {
    const Name = ({ name }: Record<string, unknown>) => jsx(Fragment, { children: ["I am ", jsx("b", { children: name })] });
    draw(jsx("p", { class: "x", "aria-hidden": false, hidden: false, children: jsx(Name, { name: "Ada" }) }), root);
    expect(root.innerHTML).toBe('<p class="x" aria-hidden="false">I am <b>Ada</b></p>');
  });

  it("never takes text for markup", () => {
    draw(jsx("p", { children: "<img src=x onerror=alert(1)>" }), root);
    expect(root.querySelector("img")).toBeNull();
    expect(root.textContent).toBe("<img src=x onerror=alert(1)>");
  });

  it("keeps keyed elements through insertion, removal and turning round", () => {
    draw(list("a", "b", "c"), root);
    const before = new Map([...root.querySelectorAll("li")].map((li) => [li.textContent, li]));
    draw(list("c", "x", "b"), root);
    const after = [...root.querySelectorAll("li")];
    expect(after.map((li) => li.textContent)).toEqual(["c", "x", "b"]);
    expect(after[0]).toBe(before.get("c"));
    expect(after[2]).toBe(before.get("b"));
  });

  it("keeps what follows an element that comes and goes", () => {
    const frame = (open: boolean) => jsx("div", { children: [open && jsx("i", {}), jsx("input", {})] });
    draw(frame(false), root);
    const input = root.querySelector("input");
    draw(frame(true), root);
    expect(root.innerHTML).toBe("<div><i></i><input></div>");
    expect(root.querySelector("input")).toBe(input);
  });

  it("calls a ref when the element comes and when it goes, in its place by then", () => {
    const seen: (string | null)[] = [];
    const ref = (element: Element | null) => void seen.push(element && (element.closest(".window") ? "inside" : "lost"));
    const tree = (shown: boolean) => jsx("div", { class: "window", children: shown && jsx("textarea", { ref }) });
    [true, true, false].forEach((shown) => draw(tree(shown), root));
    expect(seen).toEqual(["inside", null]);
  });

  it("sets a field's value as it is, also when it was typed over", () => {
    const field = () => jsx("input", { value: "" });
    draw(field(), root);
    root.querySelector("input")!.value = "typed";
    draw(field(), root);
    expect(root.querySelector("input")!.value).toBe("");
  });

  it("replaces handlers instead of gathering them", () => {
    const calls: number[] = [];
    [1, 2].forEach((n) => draw(jsx("button", { onClick: () => calls.push(n) }), root));
    root.querySelector("button")!.click();
    expect(calls).toEqual([2]);
  });
});
