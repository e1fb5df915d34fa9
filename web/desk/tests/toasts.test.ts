/** What is said in passing: several of one kind are one, and a name turns nothing beside it. */
import { expect, it } from "vitest";
import { plain } from "../../staff/plain";
import { Toasts } from "../state/toasts";

it("says several of one kind as one, which leads to none of them", () => {
  const toasts = new Toasts();
  const call = (conversation: string) =>
    toasts.say({ tone: "call", text: `${conversation} is yours`, conversation, act: { label: "Open", run: () => {} }, many: { kind: "assigned", text: (n) => `${n} are yours` } });
  ["1", "1"].forEach(call);
  toasts.say({ tone: "done", text: "Closed." });
  expect(toasts.all.value.map((one) => one.text)).toEqual(["1 is yours", "Closed."]);
  ["2", "3"].forEach(call);
  expect(toasts.all.value.map((one) => [one.text, one.act?.label])).toEqual([["Closed.", undefined], ["3 are yours", undefined]]);
  call("4");
  toasts.arrived("1");
  expect(toasts.all.value.at(-1)!.text).toBe("4 are yours");
});

it("leads several who wait to the one that waits longest, and goes once an invited visitor speaks", () => {
  const toasts = new Toasts();
  const opened: string[] = [];
  const many = { kind: "unanswered", text: (n: number) => `${n} wait`, act: { label: "Longest", run: () => void opened.push("longest") } };
  for (const conversation of ["1", "2"]) toasts.say({ tone: "call", text: "1 waits", conversation, act: { label: "Open", run: () => void opened.push(conversation) }, many });
  toasts.say({ tone: "done", text: "Invited.", visitor: "vera" });
  toasts.arrived("ada");
  expect(toasts.all.value.map(({ text, act }) => [text, act?.label])).toEqual([["2 wait", "Longest"], ["Invited.", undefined]]);
  toasts.arrived("vera");
  toasts.act();
  expect([toasts.all.value, opened]).toEqual([[], ["longest"]]);
});

it("leaves out of a name what would turn its neighbours", () => {
  expect(plain("\u202eevil\u2069")).toBe("evil");
  expect(plain("ليلى")).toBe("ليلى");
});
