"""What becomes of deliveries: order, attempts, and every end that they can come to."""

from __future__ import annotations

import asyncio
import logging
import time
from itertools import pairwise
from uuid import UUID

import pytest
from msgspec.structs import replace
from standardwebhooks import Webhook

from domain import streams
from domain.errors import UnknownEvent
from domain.tenant import commands as tenant
from domain.webhooks import standard
from domain.webhooks.ports import Answer, Claim, Line, Sought, Wanted
from tests.unit.projections.histories import LOG, SENTINEL, VISITORS, Action
from tests.unit.webhooks.bench import SECOND, SECRET, Bench, Outcome, Request, stop

HOUR_S = 3600.0


def broken_for(*texts: str) -> object:
    """A receiver that answers 500 to messages with these texts."""

    def decide(request: Request) -> Outcome:
        return 500 if request.form["type"] == "message.posted" and request.text in texts else 200

    return decide


# --- order ------------------------------------------------------------------------------------


async def test_a_conversation_is_told_in_order() -> None:
    """Everything that was wanted, once each, under the events' own ids; then nothing is left."""
    bench = await Bench.begin()
    await bench.add()
    for n in range(30):
        await bench.say(n % 2, f"text {n}")
    await bench.follow()
    async with bench.sending():
        await bench.turn()
    rows = await bench.rows()
    assert {row.state for row in rows} == {"delivered"}
    asked = sorted(request.id for request in bench.post.requests)
    assert asked == sorted(str(row.event) for row in rows)
    for visitor in range(2):
        assert [text for text in bench.texts() if int(text.split()[1]) % 2 == visitor] == [
            f"text {n}" for n in range(visitor, 30, 2)
        ]
    assert bench.deliveries.lines == {}
    assert {(row.attempts, row.status, row.error) for row in rows} == {(1, 200, None)}


async def test_what_fails_holds_up_its_conversation_only() -> None:
    """The next event waits until the one before is through; other conversations go on."""
    bench = await Bench.begin()
    await bench.add(types=("message.posted",))
    bench.post.decide = broken_for("a1")  # type: ignore[assignment]  # it is one
    for text in ("a0", "a1", "a2"):
        await bench.say(0, text)
    for text in ("b0", "b1"):
        await bench.say(1, text)
    await bench.follow()
    async with bench.sending():
        await bench.turn()
        assert sorted(bench.texts()) == ["a0", "a1", "b0", "b1"]
        await bench.turn(4.0)
        assert bench.texts().count("a1") == 1
        bench.post.decide = lambda _: 200
        await bench.turn(2.0)
    assert [text for text in bench.texts() if text[0] == "a"] == ["a0", "a1", "a1", "a2"]
    first, second = (request for request in bench.post.requests if request.text == "a1")
    assert (first.id, first.body) == (second.id, second.body)
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]


async def test_one_at_a_time_in_a_conversation() -> None:
    """While a request is on its way nothing else of its conversation is, however many send."""
    bench = await Bench.begin()
    await bench.add(types=("message.posted",))
    bench.post.decide = lambda _: "hold"
    for text in ("a0", "a1", "a2"):
        await bench.say(0, text)
    (line,) = await bench.follow()
    dispatcher = bench.dispatcher()
    async with bench.sending(processes=3):
        taking = [asyncio.create_task(dispatcher.take(line)) for _ in range(5)]
        await bench.turn(5.0)
        assert bench.texts() == ["a0"]
        bench.post.released.set()
        await bench.turn()
        await asyncio.gather(*taking)
    assert bench.texts() == ["a0", "a1", "a2"]


# --- twelve hours -----------------------------------------------------------------------------


async def test_a_delivery_is_tried_for_twelve_hours_and_then_dead(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Pauses double up to an hour; the last attempt is 12 h after the first; then the next goes."""
    bench = await Bench.begin(poll_s=60.0, failures=1000, retry_jitter=0.0)
    await bench.add(types=("message.posted",))
    bench.post.decide = broken_for("a0")  # type: ignore[assignment]  # it is one
    await bench.say(0, "a0")
    await bench.say(0, "a1")
    await bench.follow()
    async with bench.sending():
        await bench.turn(13 * HOUR_S)
    times = [request.at for request in bench.post.requests if request.text == "a0"]
    pauses = [later - earlier for earlier, later in pairwise(times)]
    assert times[-1] - times[0] == pytest.approx(12 * HOUR_S, abs=60)
    assert all(pause <= HOUR_S + 60 for pause in pauses)
    assert pauses[5:10] == sorted(pauses[5:10])
    assert 15 <= len(times) <= 22
    dead, delivered = await bench.rows()
    assert (dead.state, dead.status, dead.attempts) == ("dead", 500, len(times))
    assert (delivered.state, bench.texts()[-1]) == ("delivered", "a1")
    alarms = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert [text for text in alarms if "alarm: " in text and "is dead after" in text]
    assert "a0" not in "".join(alarms)
    counts = bench.measures.counts
    assert counts["parley_webhook_deliveries_total", "dead"] == 1
    assert counts["parley_webhook_deliveries_total", "failed"] == len(times) - 1
    assert counts["parley_webhook_deliveries_total", "delivered"] == 1
    assert len(bench.measures.observed["parley_webhook_answer_seconds"]) == len(times) + 1


async def test_what_waited_too_long_is_not_tried() -> None:
    """Behind something that fails for days, what is too old is dead without an attempt."""
    bench = await Bench.begin(poll_s=600.0, failures=1000, oldest_s=10 * HOUR_S)
    await bench.add(types=("message.posted",))
    bench.post.decide = broken_for("a0")  # type: ignore[assignment]  # it is one
    for text in ("a0", "a1", "a2"):
        await bench.say(0, text)
    await bench.follow()
    async with bench.sending():
        await bench.turn(13 * HOUR_S)
        bench.post.decide = lambda _: 200
        await bench.say(0, "a3")
        await bench.follow()
        await bench.turn(HOUR_S)
    assert [(row.state, row.error) for row in await bench.rows()] == [
        ("dead", None),
        ("dead", "too_old"),
        ("dead", "too_old"),
        ("delivered", None),
    ]
    assert set(bench.texts()) == {"a0", "a3"}


# --- answers ----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [300, 302, 304, 400, 404, 429, 500, 503, 199])
async def test_only_2xx_is_success(status: int) -> None:
    """Everything else is tried again; a redirect is not followed, nor is it success."""
    bench = await Bench.begin()
    await bench.add(types=("message.posted",))
    bench.post.decide = lambda _: status
    await bench.say(0, "a0")
    await bench.follow()
    async with bench.sending():
        await bench.turn(1.0)
        (row,) = await bench.rows()
        assert (row.state, row.status, row.attempts) == ("waiting", status, 1)
        bench.post.decide = lambda _: 204
        await bench.turn(10.0)
    (row,) = await bench.rows()
    assert (row.state, row.status, row.attempts) == ("delivered", 204, 2)


async def test_why_there_was_no_answer_is_noted() -> None:
    """A word for it stands in the row until the next attempt."""
    bench = await Bench.begin()
    await bench.add(types=("message.posted",))
    bench.post.decide = lambda _: "forbidden_address"
    await bench.say(0, "a0")
    await bench.follow()
    async with bench.sending():
        await bench.turn(1.0)
    (row,) = await bench.rows()
    assert (row.state, row.status, row.error) == ("waiting", None, "forbidden_address")


@pytest.mark.parametrize(("asked", "pause"), [(100.0, 100.0), (1.0, 5.0), (1e6, HOUR_S)])
async def test_a_receiver_may_ask_for_time(asked: float, pause: float) -> None:
    """As long as it is no shorter than our own pause, and no longer than the longest."""
    bench = await Bench.begin(retry_jitter=0.0)
    await bench.add(types=("message.posted",))
    bench.post.decide = lambda _: Answer(503, b"", 0.1, retry_after_s=asked)
    await bench.say(0, "a0")
    await bench.follow()
    async with bench.sending():
        await bench.turn(pause - 2.0)
        assert len(bench.post.requests) == 1
        await bench.turn(4.0)
        assert len(bench.post.requests) == 2


async def test_gone_disables_the_webhook() -> None:
    """410: an event says so; nothing more is asked, of no conversation; another webhook goes on."""
    bench = await Bench.begin(lines_of_webhook=1)
    await bench.add("one", types=("message.posted",))
    await bench.add("two", types=("message.posted",))
    bench.post.decide = lambda request: 410 if "one" in request.url else 200
    for visitor, text in ((0, "a0"), (0, "a1"), (1, "b0")):
        await bench.say(visitor, text)
    await bench.follow()
    async with bench.sending():
        await bench.turn(5.0)
        await bench.say(0, "a2")
        await bench.follow()
        await bench.turn(5.0)
    assert len(bench.texts("one")) == 1
    assert sorted(bench.texts("two")) == ["a0", "a1", "a2", "b0"]
    disabled = [e for e in await bench.history.events() if e.type == "tenant.webhook_disabled"]
    assert [(e.data.webhook, e.data.reason, e.actor.role) for e in disabled] == [
        ("one", "gone", "system")
    ]
    rows = await bench.rows(webhook="one")
    assert {row.state for row in rows} == {"dead"}
    assert sorted(row.error or str(row.status) for row in rows) == ["410", "disabled", "disabled"]


async def test_gone_from_an_address_of_before_disables_nothing() -> None:
    """Changed while the request was on its way: it has failed, and the new address is asked."""
    bench = await Bench.begin()
    await bench.add("old", types=("message.posted",))
    bench.post.decide = lambda _: "hold"
    await bench.say(0, "a0")
    await bench.follow()
    async with bench.sending():
        assert bench.post.held == 1
        await bench.ask(
            tenant.ChangeWebhook(bench.history.id(), "old", "https://new.example/", "standard")
        )
        bench.post.decide = lambda request: 410 if "old" in request.url else 200
        bench.post.released.set()
        await bench.turn(1.0)
        (row,) = await bench.rows()
        assert (row.state, row.status, row.attempts) == ("waiting", 410, 1)
        await bench.turn(10.0)
    (row,) = await bench.rows()
    assert (row.state, row.attempts) == ("delivered", 2)
    assert [request.url for request in bench.post.requests][1:] == ["https://new.example/"]


async def test_enabled_again_the_dead_can_be_sent() -> None:
    """What was given up meanwhile goes out when it is asked for, with the same ids."""
    bench = await Bench.begin()
    await bench.add(types=("message.posted",))
    bench.post.decide = lambda _: 410
    await bench.say(0, "a0")
    await bench.say(0, "a1")
    await bench.follow()
    async with bench.sending():
        await bench.turn(5.0)
        bench.post.decide = lambda _: 200
        await bench.ask(tenant.EnableWebhook(bench.history.id(), "hook"))
        dead = [row.position for row in await bench.rows(state="dead")]
        assert await bench.deliveries.send_again(LOG, "hook", dead, bench.clock.now()) == 2
        await bench.turn(5.0)
    assert bench.texts() == ["a0", "a0", "a1"]
    assert bench.post.requests[0].id == bench.post.requests[1].id


async def test_a_removed_webhook_is_asked_nothing() -> None:
    """Not even what was due before."""
    bench = await Bench.begin()
    await bench.add()
    await bench.say(0, "a0")
    await bench.follow()
    await bench.ask(tenant.RemoveWebhook(bench.history.id(), "hook"))
    async with bench.sending():
        await bench.turn(5.0)
    assert bench.post.requests == []
    rows = await bench.rows()
    assert {(row.state, row.error) for row in rows} == {("dead", "removed")}
    assert bench.measures.counts["parley_webhook_deliveries_total", "dropped"] == len(rows)
    assert bench.measures.counts["parley_webhook_deliveries_total", "dead"] == 0


# --- what is sent -----------------------------------------------------------------------------


async def test_the_address_is_the_present_one() -> None:
    """Changed while something waits, it goes to the new one."""
    bench = await Bench.begin()
    await bench.add(types=("message.posted",))
    await bench.say(0, "a0")
    await bench.follow()
    await bench.ask(
        tenant.ChangeWebhook(bench.history.id(), "hook", "https://new.example/", "standard")
    )
    async with bench.sending():
        await bench.turn()
    assert [request.url for request in bench.post.requests] == ["https://new.example/"]


async def test_the_format_is_the_present_one(caplog: pytest.LogCaptureFixture) -> None:
    """Changed while something waits: what the new one has no name for is dropped, the rest goes."""
    bench = await Bench.begin()
    await bench.add()
    for kind in ("start", "read", "answer"):
        await bench.history.play(Action(kind, number=1))
    await bench.follow()
    await bench.ask(
        tenant.ChangeWebhook(bench.history.id(), "hook", "https://hook.example/", "chatwoot")
    )
    async with bench.sending():
        await bench.turn()
    told = [request.form["event"] for request in bench.post.requests]
    assert (told[0], told.count("message_created")) == ("conversation_created", 2)
    rows = {(row.type, row.state, row.error, row.attempts) for row in await bench.rows()}
    assert {row for row in rows if row[1] != "delivered"} == {("message.read", "dead", "format", 0)}
    assert bench.measures.counts["parley_webhook_deliveries_total", "dropped"] == 1
    assert bench.measures.counts["parley_webhook_deliveries_total", "dead"] == 0
    assert "alarm: " not in caplog.text


async def test_receivers_with_the_old_or_the_new_secret_verify() -> None:
    """For as long as the old one is good; then only the new one does."""
    bench = await Bench.begin()
    bench.clock.set_wall(time.time())
    await bench.add(types=("message.posted",))
    until = int(bench.clock.now()) + 60
    await bench.ask(tenant.RotateWebhookSecret(bench.history.id(), "hook", SECOND, until))
    await bench.say(0, "a0")
    await bench.follow()
    async with bench.sending():
        await bench.turn(100.0)
        await bench.say(0, "a1")
        await bench.follow()
        await bench.turn(5.0)
    both, new = bench.post.requests
    for secret in (SECRET, SECOND):
        assert Webhook(secret).verify(both.body, dict(both.headers)) == both.form
    assert Webhook(SECOND).verify(new.body, dict(new.headers)) == new.form
    assert len(both.headers["webhook-signature"].split()) == 2
    assert len(new.headers["webhook-signature"].split()) == 1


async def test_what_was_erased_goes_out_as_erased() -> None:
    """What is sent is read when it is sent: a row from before an erasure holds nothing."""
    bench = await Bench.begin()
    await bench.add()
    await bench.say(0, "a secret")
    await bench.follow()
    await bench.history.erase(VISITORS[0])
    await bench.follow()
    async with bench.sending():
        await bench.turn()
    bodies = b"".join(request.body for request in bench.post.requests)
    assert b"a secret" not in bodies
    posted = next(r for r in bench.post.requests if r.form["type"] == "message.posted")
    assert (posted.form["data"]["data"], posted.form["data"]["erased"]) == (None, True)
    assert posted.form["data"]["actor"]["name"] is None
    assert bench.post.requests[-1].form["type"] == "conversation.erased"


async def test_what_was_erased_between_two_attempts_goes_out_as_erased() -> None:
    """Nothing that was read for the first attempt is left for the second, whatever told it."""
    bench = await Bench.begin()
    await bench.add(format_="chatwoot", types=("conversation.closed",))
    for kind in ("start", "assign", "tag", "post", "rate", "close"):
        await bench.history.play(Action(kind, number=3))
    bench.post.decide = lambda _: 500
    await bench.follow()
    async with bench.sending():
        await bench.turn(1.0)
        await bench.store.destroy_key(LOG, streams.visitor(VISITORS[0]))
        bench.post.decide = lambda _: 200
        await bench.turn(10.0)
    first, second = bench.post.requests
    assert first.form["messages"][0]["content"]
    assert SENTINEL in first.body.decode()
    assert (second.id, second.form["messages"][0]["content"]) == (first.id, None)
    assert second.form["meta"]["sender"] == first.form["meta"]["sender"] | {"name": None}
    assert second.form["meta"]["assignee"]["id"] == first.form["meta"]["assignee"]["id"]
    assert SENTINEL not in second.body.decode()


async def test_a_body_that_cannot_be_made_is_given_up_like_any_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is alarmed, without its text, and tried again; it stops no other conversation."""
    bench = await Bench.begin()
    await bench.add(types=("message.posted",))
    await bench.say(0, "a0")
    await bench.say(1, "b0")
    await bench.follow()
    made = standard.body

    def body(event: object, name: str) -> bytes:
        if event.data.body.text == "a0":  # type: ignore[attr-defined]  # it is an event
            raise ValueError("what somebody wrote: a0")
        return made(event, name)  # type: ignore[arg-type]  # as above

    monkeypatch.setattr(standard, "body", body)
    async with bench.sending():
        await bench.turn(1.0)
    assert bench.texts() == ["b0"]
    assert [(row.state, row.error) for row in await bench.rows()] == [
        ("waiting", "internal"),
        ("delivered", None),
    ]
    assert "cannot be sent" in caplog.text
    assert "what somebody wrote" not in caplog.text


async def test_an_event_of_a_newer_program_waits_for_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is given back without an attempt: a newer process sends it."""
    bench = await Bench.begin()
    await bench.add(types=("message.posted",))
    await bench.say(0, "a0")
    await bench.follow()
    read = bench.store.read_log

    async def too_new(log: UUID, after: int, limit: int) -> object:
        raise UnknownEvent("too new")

    monkeypatch.setattr(bench.store, "read_log", too_new)
    async with bench.sending():
        await bench.turn(1.0)
        (row,) = await bench.rows()
        assert (row.state, row.attempts) == ("waiting", 0)
        monkeypatch.setattr(bench.store, "read_log", read)
        await bench.turn(60.0)
    assert bench.texts() == ["a0"]


async def test_a_row_of_another_history_sends_nothing() -> None:
    """Where the log holds another event at its position, the receiver is not told that one."""
    bench = await Bench.begin()
    await bench.add(types=("message.posted",))
    await bench.say(0, "a0")
    await bench.follow()
    ((key, row),) = bench.deliveries.rows.items()
    bench.deliveries.rows[key] = replace(row, event=UUID(int=7))
    async with bench.sending():
        await bench.turn(1.0)
    (row,) = await bench.rows()
    assert (bench.texts(), row.state, row.error) == ([], "dead", "history")


# --- bad receivers and the others -------------------------------------------------------------


async def test_an_ill_receiver_is_left_alone() -> None:
    """After some failures nothing is asked while it rests, of no conversation, nor counted."""
    bench = await Bench.begin(failures=3, rest_s=30.0, first_retry_s=2.0, retry_jitter=0.0)
    await bench.add("ill", types=("message.posted",))
    await bench.add("well", types=("message.posted",))
    bench.post.decide = lambda request: "timeout" if "ill" in request.url else 200
    for visitor in range(3):
        await bench.say(visitor, f"{visitor}")
    await bench.follow()
    async with bench.sending():
        await bench.turn(1.0)
        asked = len(bench.texts("ill"))
        assert asked == 3
        await bench.turn(27.0)
        assert len(bench.texts("ill")) == asked
        assert len(bench.texts("well")) == 3
        await bench.say(0, "more")
        await bench.follow()
        await bench.turn(1.5)
        assert "more" in bench.texts("well")
        bench.post.decide = lambda _: 200
        await bench.turn(60.0)
    assert sorted(set(bench.texts("ill"))) == ["0", "1", "2", "more"]
    assert {row.state for row in await bench.rows()} == {"delivered"}
    assert {row.attempts for row in await bench.rows(webhook="well")} == {1}


async def test_what_is_only_refused_does_not_stop_the_webhook() -> None:
    """A receiver that says 400 to one conversation is well, and hears of the others."""
    bench = await Bench.begin(failures=2)
    await bench.add(types=("message.posted",))
    bench.post.decide = lambda request: 400 if request.text[0] == "a" else 200
    await bench.say(0, "a0")
    await bench.follow()
    async with bench.sending():
        for n in range(8):
            await bench.turn(10.0)
            await bench.say(1, f"b{n}")
            await bench.follow()
        await bench.turn(2.0)
    assert [text for text in bench.texts() if text[0] == "b"] == [f"b{n}" for n in range(8)]


async def test_a_webhook_gets_its_places_and_no_more() -> None:
    """One that hangs takes its own; a second webhook is told of everything meanwhile."""
    bench = await Bench.begin(lines_of_webhook=2, lines=3)
    await bench.add("hangs", types=("message.posted",))
    await bench.add("well", types=("message.posted",))
    bench.post.decide = lambda request: "hold" if "hangs" in request.url else 200
    for visitor in range(3):
        await bench.say(visitor, f"{visitor}")
    lines = await bench.follow()
    dispatcher = bench.dispatcher()
    running = asyncio.create_task(dispatcher.run())
    taking = [asyncio.create_task(dispatcher.take(line)) for line in lines]
    await bench.turn(3.0)
    assert bench.post.held == 2
    assert sorted(bench.texts("well")) == ["0", "1", "2"]
    bench.post.released.set()
    await bench.turn(1.0)
    assert sorted(bench.texts("hangs")) == ["0", "1", "2"]
    await stop(running, *taking)


async def test_all_places_together_are_bounded() -> None:
    """Of many webhooks at once only so many are asked, and each in its turn."""
    bench = await Bench.begin(lines=3)
    for n in range(8):
        await bench.add(f"hook-{n}", types=("message.posted",))
    bench.post.decide = lambda _: "hold"
    await bench.say(0, "a0")
    await bench.follow()
    async with bench.sending():
        await bench.turn(2.0)
        assert bench.post.held == 3
        bench.post.released.set()
        await bench.turn()
        assert len(bench.texts()) == 8


async def test_a_task_that_comes_during_a_look_gets_no_place_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a look is about to take is counted before a task asks for a place."""
    bench = await Bench.begin(lines_of_webhook=2)
    await bench.add(types=("message.posted",))
    bench.post.decide = lambda _: "hold"
    for visitor in range(3):
        await bench.say(visitor, f"{visitor}")
    lines = await bench.follow()
    claim_due, asked = bench.deliveries.claim_due, asyncio.Event()

    async def slowly(wanted: Wanted) -> list[Claim]:
        await asked.wait()
        return await claim_due(wanted)

    monkeypatch.setattr(bench.deliveries, "claim_due", slowly)
    dispatcher = bench.dispatcher()
    running = asyncio.create_task(dispatcher.run())
    await bench.turn()
    taking = [asyncio.create_task(dispatcher.take(line)) for line in lines]
    await bench.turn()
    asked.set()
    await bench.turn()
    assert bench.post.held == 2
    await stop(running, *taking)


async def test_a_long_line_makes_room() -> None:
    """After so many deliveries another conversation has its turn, with one place for all."""
    bench = await Bench.begin(lines=1, line_deliveries=3)
    await bench.add(types=("message.posted",))

    def slowly(_: Request) -> int:
        bench.clock.set_wall(bench.clock.now() + 0.1)
        return 200

    bench.post.decide = slowly
    for n in range(9):
        await bench.say(0, f"a{n}")
    await bench.say(1, "b0")
    await bench.follow()
    async with bench.sending():
        await bench.turn(5.0)
    assert len(bench.texts()) == 10
    assert bench.texts().index("b0") < 9
    assert [text for text in bench.texts() if text[0] == "a"] == [f"a{n}" for n in range(9)]


# --- processes --------------------------------------------------------------------------------


async def test_several_processes_share_without_doubling() -> None:
    """Each delivery goes out once, whoever looks and whoever is told."""
    bench = await Bench.begin()
    await bench.add("one")
    await bench.add("two")
    dispatcher = bench.dispatcher()
    async with bench.sending(processes=3):
        for n in range(20):
            await bench.say(n % 3, f"text {n}")
            lines = await bench.follow()
            await asyncio.gather(*(dispatcher.take(line) for line in lines))
        await bench.turn(3.0)
    asked = [(request.url, request.id) for request in bench.post.requests]
    assert len(asked) == len(set(asked)) == len(await bench.rows(state="delivered"))


async def test_who_stands_still_is_overtaken() -> None:
    """Its lease ends: another sends the same under the same id, and what the first says is void."""
    bench = await Bench.begin(lease_s=30.0)
    await bench.add(types=("message.posted",))
    bench.post.decide = lambda _: "hold"
    await bench.say(0, "a0")
    await bench.say(0, "a1")
    (line,) = await bench.follow()
    late = asyncio.create_task(bench.dispatcher().take(line))
    await bench.turn()
    assert bench.post.held == 1
    bench.post.decide = lambda _: 200
    async with bench.sending():
        await bench.turn(29.0)
        assert bench.texts() == ["a0"]
        await bench.turn(2.0)
        assert bench.texts() == ["a0", "a0", "a1"]
        bench.post.released.set()
        await late
    assert bench.post.requests[0].id == bench.post.requests[1].id
    assert [row.attempts for row in await bench.rows(state="delivered")] == [1, 1]


async def test_a_request_never_outlasts_the_lease() -> None:
    """The deadline is cut to what is left of it, less the time to note what came."""
    bench = await Bench.begin(lease_s=10.0, deadline_s=15.0)
    await bench.add(types=("message.posted",))
    await bench.say(0, "a0")
    await bench.follow()
    async with bench.sending():
        await bench.turn()
    assert bench.post.within == [9.0]


async def test_stopping_gives_lines_back() -> None:
    """What is on its way is cut off, and goes out again at once elsewhere, with the same id."""
    bench = await Bench.begin()
    await bench.add(types=("message.posted",))
    bench.post.decide = lambda _: "hold"
    await bench.say(0, "a0")
    await bench.follow()
    async with bench.sending():
        assert bench.post.held == 1
    (row,) = await bench.rows()
    assert (row.state, row.attempts) == ("waiting", 0)
    bench.post.decide = lambda _: 200
    async with bench.sending():
        await bench.turn()
    first, second = bench.post.requests
    assert first.id == second.id


async def test_while_the_store_is_away_nothing_is_lost() -> None:
    """Neither with the rows away nor with the log; once, it is said, and afterwards all goes on."""
    bench = await Bench.begin(lease_s=20.0)
    await bench.add(types=("message.posted",))
    await bench.say(0, "a0")
    (line,) = await bench.follow()
    bench.deliveries.away = True
    dispatcher = bench.dispatcher()
    async with bench.sending():
        await bench.turn(10.0)
        await dispatcher.take(line)
        assert bench.post.requests == []
        bench.deliveries.away = False
        bench.store.away = True
        await bench.turn(5.0)
        assert bench.post.requests == []
        bench.store.away = False
        await bench.turn(25.0)
    assert bench.texts() == ["a0"]


async def test_a_task_for_a_line_without_anything_is_nothing() -> None:
    """A queue may repeat what it likes."""
    bench = await Bench.begin()
    await bench.add()
    await bench.dispatcher().take(Line(LOG, "hook", "conversation-1"))
    assert bench.post.requests == []


# --- keeping ----------------------------------------------------------------------------------


async def test_what_is_settled_is_kept_for_its_time() -> None:
    """Delivered ones for a day, dead ones for a month; and how much is due is told."""
    bench = await Bench.begin(poll_s=HOUR_S, sweep_s=HOUR_S, sweep_rows=1)
    await bench.add("one", types=("message.posted",))
    await bench.add("two", types=("message.posted",))
    bench.post.decide = lambda request: 410 if "one" in request.url else 200
    await bench.say(0, "a0")
    await bench.say(1, "b0")
    await bench.follow()
    async with bench.sending():
        await bench.turn(23 * HOUR_S)
        assert len(await bench.rows()) == 4
        await bench.turn(6 * HOUR_S)
        assert [row.state for row in await bench.rows()] == ["dead", "dead"]
        await bench.turn(30 * 24 * HOUR_S)
        assert await bench.deliveries.find(LOG, Sought(), None, 10) == []
    assert bench.measures.levels[("parley_webhook_due_lines",)] == 0


async def test_notes_and_closings_are_told_too() -> None:
    """Whatever agents see of a conversation, in its order."""
    bench = await Bench.begin()
    await bench.add()
    kinds = ("start", "answer", "note", "tag", "read", "close", "reopen", "rate", "close")
    for kind in kinds:
        await bench.history.play(Action(kind, number=1))
    await bench.follow()
    async with bench.sending():
        await bench.turn()
    events = await bench.history.events()
    told = [request.form["type"] for request in bench.post.requests]
    assert told == [e.type for e in events if e.stream.startswith("conversation-")]
    assert {"note.added", "conversation.closed", "message.read"} <= set(told)
