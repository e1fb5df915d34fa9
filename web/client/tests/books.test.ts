/** The cached copies: of this history only, and never an older one over a newer. */
import { expect, it } from "vitest";
import { FakeLog } from "../../dev/fake-log";
import { FakeWorld, seeded } from "../../dev/fake-world";
import { Books } from "../books";
import { MemoryDb, type Db } from "../db";
import { blank, type Transcript } from "../transcript";

const world = new FakeWorld(new FakeLog(), () => null, seeded(1));

const tab = (db: Db, epoch: string | undefined): Books => new Books(db, world, () => "v1", { epoch });

const seen = (status: Transcript["status"]): Transcript => ({ ...blank("c"), status });

/** A tab that has seen so much of the conversation and has kept it. */
async function kept(db: Db, epoch: string, offset: number, status: Transcript["status"]): Promise<void> {
  const books = tab(db, epoch);
  await books.load("c", { view: seen(status), state: { offset: 0 } });
  books.apply("c", { offset, mark: `${epoch} ${offset}` }, []);
  await books.flush();
}

it("a copy is taken up where it was left", async () => {
  const db = new MemoryDb();
  await kept(db, "one", 7, "open");
  const books = tab(db, undefined);
  expect(await books.load("c")).toEqual({ offset: 7, mark: "one 7" });
  expect(books.get("c")!.value.status).toBe("open");
});

it("a copy of another history is not taken up", async () => {
  const db = new MemoryDb();
  await kept(db, "one", 7, "open");
  const books = tab(db, "two");
  expect(await books.load("c")).toEqual({ offset: 0 });
  expect(books.get("c")!.value.status).toBe("none");
});

it("a tab that lags behind another puts no older copy over its newer one", async () => {
  const db = new MemoryDb();
  const lagging = tab(db, "one");
  await lagging.load("c", { view: seen("open"), state: { offset: 0 } });
  await kept(db, "one", 7, "closed");
  lagging.apply("c", { offset: 5, mark: "one 5" }, []);
  await lagging.flush();
  expect((await tab(db, "one").load("c")).offset).toBe(7);
});

it("a copy of the present history takes the place of one of another, however far that was", async () => {
  const db = new MemoryDb();
  await kept(db, "one", 7, "open");
  await kept(db, "two", 2, "closed");
  expect((await tab(db, "two").load("c")).offset).toBe(2);
});
