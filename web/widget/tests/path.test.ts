// @vitest-environment happy-dom
/** Pages that were left before the server heard of them. */
import { beforeEach, expect, it, vi } from "vitest";
import { Door } from "../../client/door";
import { Path } from "../loader/path";

const urls = (pages: { page: { url: string } }[]) => pages.map(({ page }) => page.url);

beforeEach(() => sessionStorage.clear());

function look(path: Path, url: string, first = false): void {
  vi.stubGlobal("location", { href: url });
  path.begin(first);
}

it("keeps the first page of a visit and the latest, until they are told", () => {
  const path = new Path("k");
  look(path, "https://other/", true);
  look(path, "https://x/?utm_campaign=spring", true);
  for (let n = 0; n < 40; n++) look(path, `https://x/${n}`);
  const untold = path.untold();
  expect([untold.length, ...urls(untold).slice(0, 2), urls(untold).at(-1)]).toEqual([17, "https://x/?utm_campaign=spring", "https://x/24", "https://x/39"]);
  look(path, "https://x/more");
  path.told(untold);
  expect(urls(path.untold())).toEqual(["https://x/more"]);
});

it("tells them with the present page, again if no answer came, and then no more", async () => {
  const path = new Path("k");
  look(path, "https://x/a", true);
  look(path, "https://x/b");
  const bodies: { pages?: { page: { url: string } }[] }[] = [];
  const answers = [() => Promise.reject(new TypeError("network")), async () => new Response("{}"), async () => new Response("{}"), async () => new Response("{}")];
  vi.stubGlobal("fetch", (_url: string, { body }: RequestInit) => (bodies.push(JSON.parse(String(body))), answers[bodies.length - 1]!()));
  const door = new Door({ base: "", site: "s", locale: "en", page: () => ({ url: "https://x/b" }), path });
  await expect(door.buy({})).rejects.toMatchObject({ code: "unreachable" });
  await door.buy({ resume: "somebody else's", page: undefined });
  await door.buy({});
  await door.buy({});
  expect(bodies.map(({ pages }) => pages && urls(pages))).toEqual([["https://x/a"], undefined, ["https://x/a"], undefined]);
  expect(bodies[0]!.pages).toEqual(bodies[2]!.pages);
  vi.unstubAllGlobals();
});

it("comes in without them where the server does not take them, and cuts no sign in two", async () => {
  document.title = `${"x".repeat(299)}😀`;
  const path = new Path("k");
  look(path, "https://x/a", true);
  look(path, "https://x/b");
  expect(path.untold()[0]!.page.title).toBe("x".repeat(299));
  const asked: boolean[] = [];
  vi.stubGlobal("fetch", async (_url: string, { body }: RequestInit) => {
    asked.push("pages" in JSON.parse(String(body)));
    return asked.at(-1) ? new Response('{"code": "bad_request"}', { status: 400 }) : new Response('{"visitor": "v"}');
  });
  const door = new Door({ base: "", site: "s", locale: "en", page: () => ({ url: "https://x/b" }), path });
  expect(await door.enter(undefined, undefined)).toMatchObject({ visitor: "v" });
  expect([asked, path.untold()]).toEqual([[true, false], []]);
  vi.unstubAllGlobals();
});
