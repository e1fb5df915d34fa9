/** Away by itself and back by itself, once for each time that somebody falls idle. */
import { expect, it } from "vitest";
import { Idle, type Idling } from "../state/idle";

const ONLINE = { status: "online", available: true, after_ms: 600_000, before: "" };
const AWAY = { status: "away", available: false, after_ms: 600_000, before: "online" };

function steps(...all: [now: number, active: number, more: Partial<Idling>][]): (string | null)[] {
  const idle = new Idle();
  return all.map(([now, active, more]) => idle.step({ ...ONLINE, now, active, ...more }));
}

it("goes away after the time that was set, and comes back at the first thing that is done", () => {
  expect(steps([599_999, 0, {}], [600_000, 0, {}], [700_000, 0, AWAY], [701_000, 700_500, AWAY])).toEqual([null, "away", null, "back"]);
});

it("leaves alone whoever has said so, and where no time was set", () => {
  expect(steps([900_000, 0, { status: "busy", available: false }], [900_000, 0, { after_ms: 0 }], [900_000, 899_999, { status: "away", available: false }])).toEqual([null, null, null]);
});

it("does not send away again whom another device has taken back", () => {
  expect(steps([600_000, 0, {}], [700_000, 0, {}], [900_000, 800_000, {}], [1_400_000, 800_000, {}])).toEqual(["away", null, null, "away"]);
});
