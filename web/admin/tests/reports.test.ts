/** What is loaded when somebody looks at a report, and what is not. */
import { describe, expect, it } from "vitest";
import { CATALOGUE, report } from "../../dev/fake-reports";
import type { Api } from "../state/api";
import { PLAIN } from "../state/place";
import { Reports } from "../state/reports";

function reports(late: Promise<void> = Promise.resolve()) {
  const asked: Record<string, string>[] = [];
  const api = {
    catalogue: () => late.then(() => CATALOGUE),
    report: (name: string, query: Record<string, string>) => (asked.push({ name, ...query }), Promise.resolve(report(name, query)!)),
  };
  return { asked, reports: new Reports(api as unknown as Api) };
}

describe("a report", () => {
  it("is loaded again for another question, and not for another look at the same numbers", async () => {
    const { asked, reports: shown } = reports();
    await shown.show("volume", PLAIN);
    await shown.show("volume", { ...PLAIN, metric: "messages", sort: "-messages" });
    expect(asked).toHaveLength(1);
    await shown.show("volume", { ...PLAIN, filters: { tag: "vip" } });
    expect(asked.map((one) => one["tag"])).toEqual([undefined, "vip"]);
    await shown.show("volume", { ...PLAIN, filters: { tag: "vip" } }, true);
    expect(asked).toHaveLength(3);
  });

  it("comes with the stretch before it, but for all time, which begins when something happened", async () => {
    const { asked, reports: shown } = reports();
    await shown.show("volume", { ...PLAIN, range: "7d", compare: true });
    expect(asked[0]!["from"]).toBe(asked[1]!["to"]);
    expect(shown.shown.now.value.value).toMatchObject({ before: { to: asked[0]!["from"] }, whole: false });
    await shown.show("volume", { ...PLAIN, range: "all", compare: true });
    expect(asked).toHaveLength(3);
    expect(shown.shown.now.value.value).toMatchObject({ before: null, whole: true });
  });

  it("says what it was narrowed to, by the names that go with it", async () => {
    const { asked, reports: shown } = reports();
    const view = { ...PLAIN, filters: { site: "s1", agent: "a1" } };
    await Promise.all([shown.show("volume", PLAIN), shown.show("visits", view), shown.show("visits", view)]);
    expect(shown.shown.now.value.value?.filters).toEqual({ site: "s1" });
    expect(asked.map((one) => one["by"])).toEqual([undefined, "site"]);
    expect(shown.choices.value.site?.[0]).toEqual({ key: "s1", label: "shop.example" });
  });

  it("is the one that was asked for last, also when both waited to learn which there are", async () => {
    let arrive = (): void => {};
    const { asked, reports: shown } = reports(new Promise((done) => (arrive = done)));
    const both = Promise.all([shown.show("volume", PLAIN), shown.show("missed", PLAIN)]);
    arrive();
    await both;
    expect(asked.map((one) => one["name"])).toEqual(["missed"]);
    expect(shown.shown.now.value.value?.report.report).toBe("missed");
  });

  it("is never another one's numbers under its name", async () => {
    const { reports: shown } = reports();
    await shown.show("volume", PLAIN);
    const next = shown.show("missed", PLAIN);
    expect(shown.shown.now.value.value?.report.report).not.toBe("volume");
    await next;
  });
});

describe("the choices of a filter", () => {
  it("are what occurs in the stretch, asked once for each", async () => {
    const { asked, reports: shown } = reports();
    await shown.show("volume", PLAIN);
    await shown.choose("tag", PLAIN);
    await shown.choose("tag", PLAIN);
    expect(asked.slice(1)).toEqual([expect.objectContaining({ name: "volume", by: "tag", every: "all" })]);
    expect(shown.choices.value.tag?.map((one) => one.key)).toContain("报价");
    await shown.choose("tag", { ...PLAIN, range: "year" });
    expect(asked).toHaveLength(3);
  });
});
