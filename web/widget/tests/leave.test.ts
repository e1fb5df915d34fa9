// @vitest-environment happy-dom
/** Who leaves is gone at once, whatever else is slow, and takes everything along. */
import { afterEach, expect, it, vi } from "vitest";
import type { FileStore } from "../state/attachments";
import { leave } from "../leave";
import { setting, type Setting } from "./setting";

let here: Setting;
afterEach(() => here.end());

it("signs out though what sends files never comes, and leaves neither words nor files behind", async () => {
  here = await setting({ files: new Promise(() => {}) });
  const { visitor, files, composing } = here.model;
  await vi.waitFor(() => expect(visitor.client.actor.value).toBe("v"));
  files.add([new File(["secret"], "a.txt")]);
  await vi.waitFor(() => expect(files.underWay.value).toHaveLength(1));
  composing.write("half written");
  await leave(here.model);
  expect([composing.draft.value, files.underWay.value, await here.ways.blobs.keys()]).toEqual(["", [], []]);
});

it("signs out in the first breath, before anything is taken away, and though that fails", async () => {
  here = await setting({ files: {} as FileStore });
  const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
  const { visitor, files } = here.model;
  await vi.waitFor(() => expect(visitor.client.actor.value).toBe("v"));
  const order: string[] = [];
  const change = here.db.change.bind(here.db);
  vi.spyOn(here.db, "change").mockImplementation(async (table, decide) => (order.push(table), change(table, decide)));
  files.shipments.forget = async () => {
    order.push("files");
    throw new Error("no store");
  };
  const left = leave(here.model);
  expect(order).toEqual(["keep", "files"]);
  await left;
  await vi.waitFor(() => expect(visitor.client.phase.value).toBe("online"));
  expect(warned).toHaveBeenCalledWith("Parley:", new Error("no store"));
});
