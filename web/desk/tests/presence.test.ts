/** Who is there: told by signals for what is open, asked for now and then for the rest. */
import { describe, expect, it } from "vitest";
import { browserWorld } from "../../client/ports";
import type { Tabs } from "../../client/tabs";
import type { Db } from "../../client/db";
import type { LogEvent, Signal } from "../../client/types";
import { ApiError } from "../../client/http";
import type { Colleague } from "../../staff/api";
import type { Api } from "../state/api";
import { DeskClient } from "../state/desk-client";
import { follow, seen, type Item, type Items } from "../state/inbox";
import { Listing } from "../state/listing";
import { Roster } from "../state/roster";
import { FakeLog } from "../../dev/fake-log";

const item = (id: string, visitor: string, online: boolean) => ({ id, visitor, visitor_online: online, version: 1, status: "open", reads: {} }) as unknown as Item;
const items = (...all: Item[]): Items => new Map(all.map((one) => [one.id, one]));
const online = (of: Items) => Object.fromEntries([...of].map(([id, one]) => [id, one.visitor_online]));

describe("a list", () => {
  it("takes what is said of a visitor for all of its conversations, and for no other's", () => {
    const before = items(item("1", "ada", false), item("2", "ada", true), item("3", "bob", false));
    expect(online(seen(before, new Map([["ada", true]])))).toEqual({ 1: true, 2: true, 3: false });
    expect(online(before)).toEqual({ 1: false, 2: true, 3: false });
  });

  it("takes whoever has just begun for there, and no event for a going", () => {
    const log = new FakeLog();
    const ada = { role: "visitor", id: "ada" };
    log.command(ada, { op: "start", id: "1", body: { text: "hi" } });
    const begun = follow(new Map(), log.events).items;
    expect(Object.values(online(begun))).toEqual([true]);
    const gone = seen(begun, new Map([["ada", false]]));
    log.command(ada, { op: "start", id: "2", body: { text: "late" } });
    expect(Object.values(online(follow(gone, log.events).items))).toEqual([false]);
  });

  it("asks anew who is there, and takes nothing else of the answer", async () => {
    const answers = [async () => ({ items: [{ ...item("1", "ada", true), version: 9 }, item("9", "eve", true)] }), () => Promise.reject(new ApiError(0, "unreachable"))];
    const listing = new Listing({ conversations: () => answers.shift()!() } as unknown as Api, "mia", () => {});
    listing.items.value = items(item("1", "ada", false), item("2", "bob", true));
    await listing.refresh();
    expect(online(listing.items.value)).toEqual({ 1: true, 2: true });
    expect(listing.get("1")!.version).toBe(1);
    await listing.refresh();
    expect(online(listing.items.value)).toEqual({ 1: true, 2: true });
  });
});

it("the roster knows who has a desk open, whatever they say of themselves", () => {
  const roster = new Roster({} as Api, "mia");
  roster.agents.value = ["mia", "tom"].map((id) => ({ id, name: id, role: "agent", status: "away", online: false }) as Colleague);
  roster.seen("tom", true);
  expect(roster.agents.value.map(({ id, status, online: there }) => [id, status, there])).toEqual([["mia", "away", false], ["tom", "away", true]]);
});

it("the roster says once that one's own rights have changed, and nothing of others'", () => {
  const roster = new Roster({} as Api, "mia");
  const changed = (agent: string, position: number, type = "agent.rights_changed") => ({ type, stream: `agent-${agent}`, position }) as unknown as LogEvent;
  expect([changed("tom", 5), changed("mia", 6, "agent.status_changed"), changed("mia", 7), changed("mia", 7), changed("mia", 9)].map((event) => roster.reshaped(event))).toEqual([
    false, false, true, false, true,
  ]);
});

it("a desk's client hears of presence, and typing goes where it went", () => {
  const tabs = { hear: () => {}, say: () => {} } as unknown as Tabs;
  const client = new DeskClient("agent", {} as Db, browserWorld, tabs, { authorise: () => Promise.reject(new Error("no")) });
  const heard: Signal[] = [];
  client.present = (said) => void heard.push(said);
  const signals: Signal[] = [
    { op: "signal", kind: "presence", conversation: "c1", actor: { role: "visitor", id: "ada" }, online: true },
    { op: "signal", kind: "typing", conversation: "c1", actor: { role: "visitor", id: "ada" }, on: true },
    { op: "signal", kind: "presence", conversation: "c1", actor: { role: "visitor", id: "ada" }, online: false },
  ];
  for (const signal of signals) (client as unknown as { _signalled(said: Signal): void })._signalled(signal);
  expect(heard).toEqual([signals[0], signals[2]]);
  expect(Object.keys(client.typists.by.value)).toEqual(["c1"]);
  client.typists.clear();
});
