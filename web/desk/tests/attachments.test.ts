/** Files that go with the next words: each by itself, and none before it is there. */
import { expect, it } from "vitest";
import type { StoredFile } from "../../client/uploads";
import { Attachments, type Carrier } from "../state/attachments";

const file = (name: string): File => ({ name, size: 10 }) as File;
const settled = () => new Promise((go) => setTimeout(go, 0));

it("shows how far each is, keeps what failed to be tried again, and gives away what is there", async () => {
  let end: (stored: StoredFile) => void = () => {};
  let fail = true;
  const carrier = {
    upload: (one: File, wishes: { onProgress?(sent: number, size: number): void }) => {
      wishes.onProgress?.(5, 10);
      if (one.name === "bad" && fail) return Promise.reject(Object.assign(new Error("no"), { code: "type_not_allowed" }));
      return new Promise<StoredFile>((go) => (end = go));
    },
  } as unknown as Carrier;
  const attachments = new Attachments(carrier, async (one) => ({ file: one, name: "prices.pdf", size: 70 }) as StoredFile);
  attachments.add("c1", [file("good"), file("bad")]);
  attachments.add("c2", [file("other")]);
  await settled();
  const states = () => attachments.of("c1").map(({ name, share, stored, problem }) => [name, share, stored?.file ?? null, problem?.code ?? null]);
  expect(states()).toEqual([["good", 0.5, null, null], ["bad", 0.5, null, "type_not_allowed"]]);
  expect(attachments.take("c1")).toEqual([]);
  fail = false;
  attachments.again(attachments.of("c1")[1]!.key);
  end({ file: "f1" } as StoredFile);
  await settled();
  expect(attachments.take("c1").map((one) => one.file)).toEqual(["f1"]);
  attachments.addCommon("c1", "f9", "Prices");
  await settled();
  attachments.addCommon("c1", "f9", "Prices");
  expect(states()[1]).toEqual(["prices.pdf", 1, "f9", null]);
  expect(attachments.take("c1").map((one) => one.file)).toEqual(["f9"]);
  attachments.drop(attachments.of("c1")[0]!.key);
  expect([attachments.of("c1").length, attachments.of("c2").length]).toEqual([0, 1]);
});
