/** Settings as they are written: what is wrong is said, nothing is lost, and the server is asked once. */
import { describe, expect, it, vi } from "vitest";
import { FakeSettings } from "../../dev/fake-settings";
import { ApiError } from "../../client/http";
import type { Api } from "../state/api";
import { Guard } from "../state/guard";
import * as checks from "../state/settings/checks";
import { legibility, onWhite, readable, verdict } from "../state/settings/contrast";
import { Draft, refusedField, type Making } from "../state/settings/draft";
import { always, another, clockOf, isAlways, nextYear, shiftOf } from "../state/settings/hours";
import { drawPassword, inOrder, keyOf, moved } from "../state/settings/lists";
import { Office } from "../state/settings/office";
import { PLAIN_LOOK, plain, textIn, usualHours, type Appearance, type Hours, type Reception, type Reply } from "../state/settings/values";

interface Thing {
  name: string;
  when: { page: string };
}

function draft(making: Partial<Making<Thing>> = {}): Draft<Thing> {
  return new Draft({ name: "a", when: { page: "/" } }, { save: () => Promise.resolve(true), ...making });
}

describe("a draft that another overtakes", () => {
  const theirs = { name: "theirs", when: { page: "/" } };

  /** Saves what was made of version 3 or later only. */
  function overtaken(current: unknown = theirs): { one: Draft<Thing>; seen: unknown[] } {
    const seen: unknown[] = [];
    const save = (_: Thing, of: unknown) => {
      seen.push(of);
      return of === 2 ? Promise.reject(new ApiError(412, "changed", "", undefined, { current })) : Promise.resolve({ changed: true, version: 4 });
    };
    const one = new Draft({ name: "a", when: { page: "/" } }, { save }, 2);
    one.at("name").set("mine");
    return { one, seen };
  }

  it("is not saved, and says what the other has changed; saved anyway it is", async () => {
    const { one, seen } = overtaken();
    expect(await one.save()).toBe(false);
    one.follow(theirs, 3);
    expect([one.outcome.value.kind, one.value.value.name, one.differing]).toEqual(["overtaken", "mine", ["name"]]);
    expect(await one.insist()).toBe(true);
    one.at("name").set("again");
    await one.save();
    expect(seen).toEqual([2, 3, 4]);
  });

  it("shows the other's, and gives back what was written", async () => {
    const { one, seen } = overtaken();
    await one.save();
    one.follow(theirs, 3);
    one.look();
    expect([one.value.value.name, one.dirty.value]).toEqual(["theirs", false]);
    one.back();
    expect([one.value.value.name, one.dirty.value]).toEqual(["mine", true]);
    await one.save();
    one.follow({ ...theirs, name: "later" }, 5);
    expect([seen, one.value.value.name]).toEqual([[2, 3], "later"]);
  });

  it("can have again what the other has taken away", async () => {
    const { one, seen } = overtaken(null);
    await one.save();
    expect(await one.insist()).toBe(true);
    expect(seen).toEqual([2, "none"]);
  });
});

describe("a draft", () => {
  it("is dirty only while it says something else", () => {
    const one = draft({ tidy: (value) => ({ ...value, name: value.name.trim() }) });
    one.at("name").set("a  ");
    expect(one.dirty.value).toBe(false);
    one.below(one.at("when"), "page").set("/b");
    expect(one.dirty.value).toBe(true);
    one.revert();
    expect([one.dirty.value, one.value.value.when.page]).toEqual([false, "/"]);
  });

  it("says what is wrong with a field once that was left, and of all when it is to be saved", async () => {
    const save = vi.fn(() => Promise.resolve(true));
    const one = draft({ save, check: ({ name, when }) => ({ ...(name ? {} : { name: { code: "required" } }), ...(when.page ? {} : { "when.page": { code: "page" } }) }) });
    one.set({ name: "", when: { page: "" } });
    expect(one.at("name").problem).toBeUndefined();
    one.at("name").leave();
    expect(one.at("name").problem).toEqual({ code: "required" });
    expect(one.below(one.at("when"), "page").problem).toBeUndefined();
    expect(await one.save()).toBe(false);
    expect(one.below(one.at("when"), "page").problem).toEqual({ code: "page" });
    expect([one.outcome.value.kind, save.mock.calls.length]).toEqual(["wrong", 0]);
  });

  it("tells a change from none, asks the server once, and not at all for nothing", async () => {
    let done = (_changed: boolean): void => {};
    const save = vi.fn((_value: Thing) => new Promise<boolean>((go) => (done = go)));
    const one = draft({ save });
    await one.save();
    expect([one.outcome.value.kind, save.mock.calls.length]).toEqual(["same", 0]);
    one.at("name").set("b");
    const first = one.save();
    const second = one.save();
    expect(save.mock.calls.length).toBe(1);
    expect(await second).toBe(false);
    one.at("name").set("c"); // meanwhile
    done(true);
    await first;
    expect([save.mock.calls.length, one.dirty.value]).toEqual([1, true]);
    one.at("name").set("b");
    expect(one.dirty.value).toBe(false);
  });

  it("shows at its field what the server will not have, until that is changed", async () => {
    const one = draft({ save: () => Promise.reject(new ApiError(400, "bad_request", "when.page is a path such as /x.")) });
    one.at("name").set("b");
    expect(await one.save()).toBe(false);
    expect(one.outcome.value.kind).toBe("failed");
    expect(one.below(one.at("when"), "page").problem).toEqual({ code: "refused" });
    one.at("name").set("d");
    expect(one.below(one.at("when"), "page").problem).toBeUndefined();
    expect(refusedField(new ApiError(400, "bad_request", "prechat.fields[0].key is a word."))).toBe("prechat.fields.0.key");
    expect(refusedField(new ApiError(400, "bad_request", "There is no such zone."))).toBeNull();
    expect(refusedField(new ApiError(503, "busy", "name is busy"))).toBeNull();
  });
});

describe("a draft of what others change too", () => {
  it("follows them while nothing is written, and else keeps what is", () => {
    const one = draft();
    one.follow({ name: "theirs", when: { page: "/" } });
    expect([one.value.value.name, one.dirty.value]).toEqual(["theirs", false]);
    one.at("name").set("mine");
    one.follow({ name: "newer", when: { page: "/" } });
    expect([one.value.value.name, one.dirty.value]).toEqual(["mine", true]);
  });
});

describe("the guard", () => {
  it("lets go when nothing was changed, and else asks first", async () => {
    const guard = new Guard();
    const one = draft();
    const unwatch = guard.watch(one);
    const go = vi.fn();
    guard.ask(go);
    expect(go).toHaveBeenCalledTimes(1);
    one.at("name").set("b");
    guard.ask(go);
    guard.stay();
    expect([go.mock.calls.length, one.dirty.value]).toEqual([1, true]);
    guard.ask(go);
    await guard.save();
    expect([go.mock.calls.length, one.dirty.value]).toEqual([2, false]);
    one.at("name").set("c");
    guard.ask(go);
    guard.discard();
    expect([go.mock.calls.length, one.value.value.name]).toEqual([3, "b"]);
    one.at("name").set("d");
    unwatch();
    expect(guard.dirty).toBe(false);
  });

  it("stays where something could not be saved", async () => {
    const guard = new Guard();
    const one = draft({ save: () => Promise.reject(new ApiError(503, "busy")) });
    guard.watch(one);
    one.at("name").set("b");
    const go = vi.fn();
    guard.ask(go);
    await guard.save();
    expect([go.mock.calls.length, one.dirty.value, guard.asking.value]).toEqual([0, true, null]);
  });
});

describe("what the server would refuse", () => {
  const reply: Reply = { shortcut: "hi", title: "Hi", text: "Hi {{visitor.name}} {{ visitor.order_no }}", department: null, file: null };

  it("is said of names, keys, pages and origins", () => {
    expect(checks.name("  ")).toEqual({ code: "required" });
    expect(checks.routing({ strategy: "manual", capacity: 0, release_after_s: 0, remind_after_s: 0, missed_after_s: 0, away_after_s: 0 })).toEqual({ capacity: { code: "between", n: 100, least: 1 } });
    expect(checks.name("x".repeat(201))).toEqual({ code: "too_long", n: 200 });
    expect(["sales", "S-1_b"].map((key) => checks.key(key, "department", new Set()))).toEqual([null, null]);
    expect(["1a", "a b", "é"].map((key) => checks.key(key, "department", new Set())?.code)).toEqual(["key", "key", "key"]);
    expect([checks.key("online", "status", new Set()), checks.key("lunch", "status", new Set(["lunch"]))]).toEqual([{ code: "taken" }, { code: "taken" }]);
    expect(["/", "/a*", "", null].map(checks.page)).toEqual([null, null, null, null]);
    expect(["a", "/a?b", "/a*b", "/a b", "https://x/"].map((page) => checks.page(page)?.code)).toEqual(Array(5).fill("page"));
    expect(["https://a.example", "http://localhost:8000", "https://a.example/"].map(checks.origin)).toEqual([true, true, true]);
    expect(["a.example", "ftp://a.example", "https://a.example/x", "https://u@a.example"].map(checks.origin)).toEqual([false, false, false, false]);
  });

  it("is said of shortcuts within a department, and of placeholders", () => {
    expect(checks.reply(reply, [])).toEqual({});
    expect(checks.reply(reply, [{ ...reply, shortcut: "HI" }])).toEqual({ shortcut: { code: "taken" } });
    expect(checks.reply(reply, [{ ...reply, department: "sales" }])).toEqual({});
    expect(checks.reply({ ...reply, text: "{{agent.salary}}" }, [])).toEqual({ text: { code: "place" } });
  });

  it("is said of a rule that does nothing, and of hours that overlap", () => {
    const rule: Reception = { name: "r", enabled: true, order: 1, when: {}, then: { skills: [], tags: [] } };
    expect(checks.reception(rule)).toEqual({ "then.department": { code: "does_nothing" } });
    expect(checks.reception({ ...rule, then: { skills: ["zh"], tags: [] } })).toEqual({});
    expect([[[540, 720], [720, 900]], [[1_320, 1_560]], []].map((day) => checks.shifts(day as [number, number][]))).toEqual([null, null, null]);
    expect(checks.shifts([[540, 720], [700, 900]])).toEqual({ code: "overlap" });
    expect(checks.shifts([[540, 2_000]])).toEqual({ code: "shift" });
    const hours: Hours = { ...usualHours(), zone: "UTC", holidays: [{ day: "2026-12-25", shifts: [] }, { day: "2026-12-25", shifts: [] }] };
    expect(checks.hours(hours)).toEqual({ "holidays.0": { code: "twice" }, "holidays.1": { code: "twice" } });
  });

  it("is said of colours, texts and forms of a site", () => {
    const look: Appearance = {
      ...PLAIN_LOOK, color: "blue", texts: { en: { title: "x".repeat(81) } },
      prechat: { intro: {}, fields: [{ key: "Name", kind: "text", label: {}, required: false, options: [] }, { key: "size", kind: "select", label: { en: "Size" }, required: false, options: [] }] },
      offline: { intro: {}, fields: [] },
    };
    expect(Object.entries(checks.look(look)).map(([path, { code }]) => `${path} ${code}`)).toEqual([
      "color color", "texts.en.title too_long", "prechat.fields.0.label required", "prechat.fields.0.key field_key", "prechat.fields.1.options required", "offline.fields no_fields",
    ]);
  });
});

describe("colours", () => {
  it("are judged by how they stand out from white, and what is offered instead can be read", () => {
    expect(["#2f5bea", "#ff8800", "#ffee88", "#d97706"].map(verdict)).toEqual(["good", "hidden", "hidden", "dull"]);
    for (const color of ["#ffee88", "#d97706", "#ffffff", "#00ff00", "#777777"]) {
      expect(onWhite(readable(color))).toBeGreaterThanOrEqual(4.5);
      expect(legibility(color)).toBeGreaterThanOrEqual(4.5);
    }
    expect(readable("#1f2937")).toBe("#1f2937");
  });
});

describe("hours", () => {
  it("go on into the next day, and around the clock", () => {
    expect([shiftOf("22:00", "02:00"), shiftOf("00:00", "00:00"), shiftOf("09:30", "17:00")]).toEqual([[1_320, 1_560], [0, 1_440], [570, 1_020]]);
    expect([clockOf(1_560), clockOf(1_440), clockOf(570)]).toEqual(["02:00", "00:00", "09:30"]);
    expect([isAlways(null), isAlways(always("UTC")), isAlways({ ...usualHours(), zone: "UTC" })]).toEqual([true, true, false]);
    expect(checks.shifts([[540, 1_020], another([[540, 1_020]])])).toBeNull();
  });

  it("are the same holidays next year, but for those that are there and days that are not", () => {
    const day = (name: string) => ({ day: name, shifts: [] });
    expect(nextYear([day("2028-02-29"), day("2028-12-25"), day("2029-12-25"), day("2028-01-01")], 2028).map((one) => one.day))
      .toEqual(["2028-01-01", "2028-02-29", "2028-12-25", "2029-01-01", "2029-12-25"]);
  });
});

describe("lists", () => {
  it("keep their order, and take keys from names", () => {
    expect(inOrder([{ order: 2, name: "a" }, { order: 1, name: "c" }, { order: 1, name: "b" }]).map((one) => one.name)).toEqual(["b", "c", "a"]);
    expect([moved([1, 2, 3], 0, 1), moved([1, 2, 3], 0, -1), moved([1, 2, 3], 2, 1)]).toEqual([[2, 1, 3], [1, 2, 3], [1, 2, 3]]);
    expect(keyOf("Sales & Döner", "department", new Set())).toBe("sales-doner");
    expect(keyOf("销售部", "department", new Set())).toBe("department");
    expect(keyOf("Sales", "department", new Set(["sales", "sales-2"]))).toBe("sales-3");
    expect(checks.key(keyOf("7 Zwerge!", "department", new Set()), "department", new Set())).toBeNull();
    expect(new Set(Array.from({ length: 50 }, drawPassword)).size).toBe(50);
    expect(checks.password(drawPassword())).toBeNull();
    expect(textIn({ de: "ja", en: "yes" }, "zh")).toBe("yes");
  });
});

describe("the office", () => {
  function office(): { office: Office; fake: FakeSettings; asked: string[] } {
    const fake = new FakeSettings();
    const asked: string[] = [];
    const change = (method: string, path: string, body?: object) => {
      asked.push(`${method} ${path}`);
      const { status, body: answered } = fake.answer(method, path.split("/").slice(2), (body ?? {}) as Record<string, unknown>);
      return status < 300 ? Promise.resolve(answered) : Promise.reject(new ApiError(status, (answered as { code: string }).code));
    };
    const api = { change, settings: () => Promise.resolve(fake.all), staff: () => Promise.resolve(fake.agents) };
    return { office: new Office(api as unknown as Api), fake, asked };
  }

  it("has what was changed, with who and when, as soon as it is saved", async () => {
    const { office: one } = office();
    expect(await one.put("departments/sales", { name: "Sales team", strategy: null, offered: true })).toEqual({ version: 13, changed: true });
    const sales = one.settings.now.value.value!.departments[0]!;
    expect(sales).toMatchObject({ department: "sales", name: "Sales team", changed_by: { name: "Anna Albers" } });
    expect((await one.put("departments/sales", plain(sales, "department"))).changed).toBe(false);
    expect((await one.remove("departments/sales")).changed).toBe(true);
    expect(one.settings.now.value.value!.departments.map((each) => each.department)).toEqual(["support", "accounts"]);
  });

  it("puts anew only the rules whose place has changed", async () => {
    const { office: one, asked } = office();
    one.open();
    await vi.waitFor(() => expect(one.settings.now.value.state).toBe("ready"));
    const rules = inOrder(one.settings.now.value.value!.welcomes);
    await one.move([...rules, { ...rules[0]!, rule: "third", order: 30 }], 0, 1, (rule, order) => one.put(`welcomes/${rule.rule}`, { ...plain(rule, "rule"), order }));
    expect(asked).toEqual(["PUT /v1/settings/welcomes/campaign", "PUT /v1/settings/welcomes/pricing"]);
    expect(inOrder(one.settings.now.value.value!.welcomes).map((each) => each.rule)).toEqual(["campaign", "pricing"]);
  });

  it("lets in, changes and lets go", async () => {
    const { office: one } = office();
    const value = { name: "Ben", role: "agent" as const, departments: [], skills: [], capacity: null };
    const { id, password } = await one.addAgent({ ...value, email: "ben@shop.example" });
    expect([password, one.agents.now.value.value!.at(-1)!.name]).toEqual(["kupfer-dattel-98", "Ben"]);
    await expect(one.addAgent({ ...value, email: "ben@shop.example" })).rejects.toMatchObject({ code: "exists" });
    await one.changeAgent(id, { ...value, skills: ["zh"] });
    expect(one.agents.now.value.value!.at(-1)!.skills).toEqual(["zh"]);
    await one.deactivate(id);
    expect(one.agents.now.value.value!.some((each) => each.id === id)).toBe(false);
  });
});
