"""Mutations of the TypeScript client: continuity, the outbox, other histories, tabs."""

from __future__ import annotations

from tests.mutations.mutation import Mutation

FEED = "web/client/feed.ts"
SESSION = "web/client/session.ts"
QUEUE = "web/client/queue.ts"
SENDER = "web/client/sender.ts"

FEEDS = "web/client/tests/feed.test.ts"
SESSIONS = "web/client/tests/session.test.ts"
QUEUES = "web/client/tests/queue.test.ts"
CLIENTS = "web/client/tests/client.test.ts"
BOOKS = "web/client/tests/books.test.ts"
ORDERS = "web/client/tests/order.test.ts"

MUTATIONS = (
    Mutation(
        name="client-applies-beyond-a-gap",
        file=FEED,
        before='  if (range.after > mine.offset) return { kind: "gap" };\n',
        after="",
        breaks="A client applies only what continues its own offset.",
        tests=(FEEDS,),
    ),
    Mutation(
        name="client-applies-an-overlap-again",
        file=FEED,
        before=".filter((event) => numberIn(feed, event) > mine.offset)",
        after="",
        breaks="Of a range that overlaps a client applies only the rest.",
        tests=(FEEDS,),
    ),
    Mutation(
        name="client-goes-back",
        file=FEED,
        before='  if (range.upto <= mine.offset) return { kind: "duplicate" };\n',
        after="",
        breaks="A client's offset never goes back.",
        tests=(FEEDS,),
    ),
    Mutation(
        name="client-does-not-ask-for-a-gap",
        file=SESSION,
        before='    if (feed.following !== "asked") return this._ask(name, feed);\n',
        after="",
        breaks="A client that sees a gap subscribes again from where it is.",
        tests=(FEEDS,),
    ),
    Mutation(
        name="client-forgets-a-gap-while-catching-up",
        file=SESSION,
        before="    if (feed.holed) return this._ask(name, feed);\n",
        after="",
        breaks="A gap that was seen while catching up is mended after it.",
        tests=(SESSIONS,),
    ),
    Mutation(
        name="client-ignores-reset",
        file=SESSION,
        before='      case "reset": return this._reset(frame.feed, frame.reason);\n',
        after='      case "reset": return [];\n',
        breaks="A client that is told of another history begins anew.",
        tests=(SESSIONS,),
    ),
    Mutation(
        name="client-reset-keeps-the-offset",
        file=SESSION,
        before="    feed.offset = 0;\n    feed.mark = undefined;\n",
        after="",
        breaks="After a reset a conversation is replayed from its beginning.",
        tests=(SESSIONS,),
    ),
    Mutation(
        name="client-does-not-give-its-marks",
        file=SESSION,
        before="      if (feed.mark) hello.marks![name] = feed.mark;\n",
        after="",
        breaks="A client gives back the mark by which another history is noticed.",
        tests=(SESSIONS,),
    ),
    Mutation(
        name="client-forgets-before-the-ack",
        file=QUEUE,
        before="return rows.map((row) => ({ put: { ...row, sent: true } }));",
        after="return rows.map((row) => ({ drop: row.key }));",
        breaks="A message stays in the outbox until its ack.",
        tests=(CLIENTS,),
    ),
    Mutation(
        name="client-retries-with-a-fresh-id",
        file=QUEUE,
        before="{ op: entry.op, id: entry.key, ...entry.fields }",
        after="{ op: entry.op, id: entry.sent ? crypto.randomUUID() : entry.key, ...entry.fields }",
        breaks="What is sent again has its id of before, so it has its effect once.",
        tests=(CLIENTS,),
    ),
    Mutation(
        name="client-pipelines-what-may-change-its-mind",
        file=QUEUE,
        before='return isMark(entry) || (role === "visitor" && isMessage(entry));',
        after="return true;",
        breaks="Behind what may be decided anew nothing is sent before its answer is here.",
        tests=(QUEUES,),
    ),
    Mutation(
        name="client-sends-another-persons-words",
        file=QUEUE,
        before="rows.filter((row) => row.actor === actor).sort",
        after="rows.filter(() => actor !== null).sort",
        breaks="Words written as A go out as A, whoever the page says is here now.",
        tests=(QUEUES,),
    ),
    Mutation(
        name="client-drops-words-that-were-refused",
        file=QUEUE,
        before="  if (!isMessage(entry)) return [{ drop: entry.key }",
        after="  if (entry) return [{ drop: entry.key }",
        breaks="Refused words stay, with the reason, until their writer decides.",
        tests=(QUEUES,),
    ),
    Mutation(
        name="client-does-not-hold-a-lane",
        file=SENDER,
        before="    else this._held.set(lane(entry), { until, first: entry.key });\n",
        after="",
        breaks="A lane that the server asked to wait waits, in order.",
        tests=(ORDERS, CLIENTS),
    ),
    Mutation(
        name="client-sends-from-every-tab",
        file=SENDER,
        before="await this._tabs.alone(`send:${actor}`, (still) => this._drain(actor, still));",
        after="await this._drain(actor, () => true);",
        breaks="Of several tabs one sends, so that words go out in their order.",
        tests=(CLIENTS, ORDERS),
    ),
    Mutation(
        name="client-keeps-another-historys-cache",
        file="web/client/books.ts",
        before="const from = row && row.epoch === this._history.epoch ?",
        after="const from = row ?",
        breaks="What was cached of another history is not shown.",
        tests=(BOOKS,),
    ),
    Mutation(
        name="client-caches-an-older-copy-over-a-newer",
        file="web/client/books.ts",
        before="|| known.offset <= row.offset;",
        after="|| known.offset >= 0;",
        breaks="A tab that lags puts no older copy over the newer one.",
        tests=(BOOKS,),
    ),
    Mutation(
        name="desk-item-goes-back",
        file="web/desk/state/inbox.ts",
        before="else if (event.version > item.version) next.set",
        after="else if (item) next.set",
        breaks="An item's events at or below its version are skipped.",
        tests=("web/desk/tests/inbox.test.ts",),
    ),
)
