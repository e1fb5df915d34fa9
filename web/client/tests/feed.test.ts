/** The continuity rule under every kind of splitting, repeating, dropping and overlapping. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judge } from "../feed";
import { Session, type Output } from "../session";
import type { EventsFrame, LogEvent } from "../types";

const FEED = "conversation:c";

function event(version: number): LogEvent {
  return {
    id: `e${version}`, type: "message.posted", stream: "conversation-c", version,
    at: "2026-01-01T00:00:00Z", actor: { role: "visitor", id: "v" }, data: { message: `m${version}` },
  };
}

/** Versions divisible by three are hidden from this reader, but counted by every range. */
const visible = (version: number): boolean => version % 3 !== 0;

function range(after: number, upto: number): EventsFrame {
  const versions = Array.from({ length: upto - after }, (_, i) => after + 1 + i).filter(visible);
  return { op: "events", feed: FEED, after, upto, mark: `mark${upto}`, events: versions.map(event) };
}

describe("judge", () => {
  it("applies what continues", () => {
    const verdict = judge(FEED, { offset: 4 }, range(4, 8));
    expect(verdict).toMatchObject({ kind: "apply", state: { offset: 8, mark: "mark8" } });
  });

  it("drops what is known", () => {
    expect(judge(FEED, { offset: 8 }, range(4, 8)).kind).toBe("duplicate");
    expect(judge(FEED, { offset: 8 }, range(8, 8)).kind).toBe("duplicate");
  });

  it("applies only what lies beyond", () => {
    const verdict = judge(FEED, { offset: 5 }, range(2, 8));
    expect(verdict.kind === "apply" && verdict.events.map((e) => e.version)).toEqual([7, 8]);
  });

  it("sees a gap", () => {
    expect(judge(FEED, { offset: 3 }, range(4, 8)).kind).toBe("gap");
  });

  it("counts the inbox by position", () => {
    const inbox = { after: 10, upto: 12, events: [{ ...event(1), position: 11 }, { ...event(2), position: 12 }] };
    const verdict = judge("inbox", { offset: 11 }, inbox);
    expect(verdict.kind === "apply" && verdict.events.map((e) => e.position)).toEqual([12]);
  });
});

/** A server that replays honestly from any offset it is asked for, behind a line that does not. */
class Replay {
  applied: number[] = [];
  readonly session = new Session(() => `r${this.requests++}`);
  private requests = 0;

  constructor(readonly head: number) {
    this.run(this.session.follow(FEED, { offset: 0 }));
    this.session.hello("t");
    this.run(this.session.receive({
      op: "welcome", connection: "c", actor: { role: "visitor", id: "v" }, feeds: { [FEED]: head }, epoch: "e", heartbeat_s: 25,
    }));
  }

  /** `loss` decides for each frame of a replay whether it arrives. */
  run(outputs: Output[]): { subscribed: number | null } {
    let subscribed: number | null = null;
    for (const output of outputs) {
      if (output.kind === "apply") this.applied.push(...output.events.map((one) => one.version));
      if (output.kind === "send" && output.frame.op === "subscribe") {
        subscribed = Number(output.frame["after"]);
        this.pendingAck = String(output.frame.id);
      }
    }
    return { subscribed };
  }

  pendingAck: string | null = null;

  ack(): void {
    if (!this.pendingAck) return;
    const id = this.pendingAck;
    this.pendingAck = null;
    this.run(this.session.receive({ op: "ack", id }));
  }
}

const frames = (head: number) =>
  fc.array(
    fc.tuple(fc.integer({ min: 0, max: head }), fc.integer({ min: 0, max: head })).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const),
    { maxLength: 60 },
  );

const HEAD = 30;
const all = Array.from({ length: HEAD }, (_, i) => i + 1).filter(visible);

describe("a session over a bad line", () => {
  it("applies a prefix of the log exactly, whatever ranges come in whatever order", () => {
    fc.assert(
      fc.property(frames(HEAD), fc.array(fc.boolean(), { maxLength: 60 }), (ranges, acks) => {
        const replay = new Replay(HEAD);
        ranges.forEach(([after, upto], i) => {
          replay.run(replay.session.receive(range(after, upto)));
          if (acks[i]) replay.ack();
        });
        const mine = replay.session.offset(FEED)!;
        expect(replay.applied).toEqual(all.filter((version) => version <= mine));
      }),
      { numRuns: 500 },
    );
  });

  it("comes to the whole log once what it asks for is answered", () => {
    fc.assert(
      fc.property(frames(HEAD), (ranges) => {
        const replay = new Replay(HEAD);
        replay.run(replay.session.receive({ op: "live", feed: FEED, at: 0 }));
        for (const [after, upto] of ranges) {
          const { subscribed } = replay.run(replay.session.receive(range(after, upto)));
          expect(subscribed === null || subscribed === replay.session.offset(FEED)).toBe(true);
          if (subscribed === null) continue;
          replay.ack();
          replay.run(replay.session.receive(range(subscribed, Math.min(HEAD, subscribed + 4))));
        }
        replay.run(replay.session.receive(range(replay.session.offset(FEED)!, HEAD)));
        expect(replay.applied).toEqual(all);
      }),
      { numRuns: 500 },
    );
  });

  it("asks once for a gap, not once for every frame behind it", () => {
    const replay = new Replay(HEAD);
    replay.run(replay.session.receive({ op: "live", feed: FEED, at: 0 }));
    const asked = [range(5, 6), range(6, 7), range(7, 8)].map((one) => replay.run(replay.session.receive(one)).subscribed);
    expect(asked).toEqual([0, null, null]);
  });
});
