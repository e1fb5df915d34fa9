"""A connection's life: hello, commands and their answers, and every end that it can have."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from domain.handling import sender
from tests.unit.websocket.chat import LOG, Chat, body, feed_of, started
from tests.unit.websocket.telling import tell

# --- hello ---------------------------------------------------------------------------------------


async def test_welcome_names_the_heads(chat: Chat) -> None:
    """Welcome comes first, with each feed's head; then events, then live at the head."""
    ada = await chat.visitor()
    talk = await started(ada)
    feed = feed_of(talk)
    agent = await chat.add_agent()
    desk = await chat.agent(agent, feeds={feed: 0, "inbox": 0})
    assert desk.ops()[0] == "welcome"
    welcome = desk.frames[0]
    head = chat.committed[-1].upto
    assert welcome["feeds"] == {feed: 2, "inbox": head}
    assert welcome["actor"] == {"role": "agent", "id": str(agent)}
    assert welcome["epoch"] == await chat.store.epoch()
    assert desk.texts(feed) == ["hello"]
    assert desk.all("live", feed=feed)[0]["at"] == 2
    assert desk.all("live", feed="inbox")[0]["at"] == head


async def test_an_offset_beyond_the_head_is_ahead(chat: Chat) -> None:
    """The feed is reset, not followed: nothing more comes of it until it is subscribed."""
    ada = await chat.visitor()
    feed = feed_of(await started(ada))
    again = await chat.visitor(feeds={feed: 9})
    assert again.all("reset", feed=feed) == [
        {"op": "reset", "feed": feed, "head": 2, "reason": "ahead"}
    ]
    await started(ada, "more")
    assert not again.all("events")
    ack = await again.ask("subscribe", feed=feed, after=2)
    assert (ack["op"], ack["feed"]) == ("ack", feed)
    assert again.texts(feed) == ["more"]


async def test_another_epoch_is_another_history(chat: Chat) -> None:
    """Whoever comes with the epoch of another history loads its views anew; the right one goes."""
    ada = await chat.visitor()
    feed = feed_of(await started(ada))
    other = await chat.visitor(feeds={feed: 1}, epoch="another")
    assert other.all("reset")[0]["reason"] == "history"
    same = await chat.visitor(feeds={feed: 1}, epoch=await chat.store.epoch())
    assert not same.all("reset")
    assert same.texts(feed) == ["hello"]


async def test_another_mark_is_another_history(chat: Chat) -> None:
    """A mark that is not the log's is found by hello and by subscribe; its own mark goes on."""
    ada = await chat.visitor()
    feed = feed_of(await started(ada))
    await ada.ask("subscribe", feed=feed, after=0)
    mark = ada.all("events")[-1]["mark"]
    wrong = await chat.visitor(feeds={feed: 2}, marks={feed: "0" * 16})
    assert wrong.all("reset")[0]["reason"] == "history"
    await wrong.ask("subscribe", feed=feed, after=2, mark="f" * 16)
    assert [frame["reason"] for frame in wrong.all("reset")] == ["history", "history"]
    right = await chat.visitor(feeds={feed: 2}, marks={feed: mark})
    assert right.all("live", feed=feed)
    assert not right.all("reset")


async def test_an_inbox_too_far_behind_is_reset() -> None:
    """An inbox is replayed only so far; a conversation always."""
    chat = await Chat(inbox_replay_events=3).open()
    ada = await chat.visitor()
    feed = feed_of(await started(ada))
    agent = await chat.add_agent()
    desk = await chat.agent(agent, feeds={"inbox": 0, feed: 0})
    head = chat.committed[-1].upto
    assert desk.all("reset") == [{"op": "reset", "feed": "inbox", "head": head, "reason": "behind"}]
    near = await chat.agent(agent, feeds={"inbox": head - 3})
    assert near.all("live", feed="inbox")


@pytest.mark.parametrize(
    ("feed", "after", "code"),
    [
        ("inbox", 0, "not_allowed"),
        ("conversation:0192aaaa-0000-7000-8000-000000000001", 0, "not_found"),
        ("conversation:nonsense", 0, "not_found"),
        ("visitor-ada", 0, "not_found"),
        ("{mine}", -1, "bad_request"),
        ("{mine}", True, "bad_request"),
        ("{mine}", "3", "bad_request"),
        ("{mine}", 2**60, "bad_request"),
        ("{other}", 0, "not_found"),
    ],
)
async def test_a_feed_that_may_not_be_followed(
    chat: Chat, feed: str, after: object, code: str
) -> None:
    """It gets an error with its name, in hello and by subscribe; the socket and its others stay."""
    mine = feed_of(await started(await chat.visitor()))
    feed = feed.format(mine=mine, other=feed_of(await started(await chat.visitor("bob"))))
    ada = await chat.visitor(feeds={feed: after, mine: 0} if feed != mine else {feed: after})
    assert [frame["code"] for frame in ada.all("error", feed=feed)] == [code]
    if isinstance(after, int) and not isinstance(after, bool):
        error = await ada.ask("subscribe", feed=feed, after=after)
        assert (error["op"], error["code"], error["feed"]) == ("error", code, feed)
    assert ada.closed is None
    assert feed == mine or ada.texts(mine) == ["hello"]


async def test_a_bad_token_closes(chat: Chat) -> None:
    """So does one for another kind of socket."""
    stranger = await chat.connect("visitor").hello("nobody's")
    assert stranger.closed is not None
    assert stranger.closed[0] == 4401
    wrong = await chat.connect("agent").hello(chat.token("visitor", "ada"))
    assert wrong.closed is not None
    assert wrong.closed[0] == 4401
    assert not wrong.frames


@pytest.mark.parametrize("origin", [None, "https://shop.example", "https://evil.example"])
async def test_a_page_that_may_not_use_the_chat(chat: Chat, origin: str | None) -> None:
    """A socket from a page of another origin is closed with 4403; others are welcome."""
    socket = chat.connect("visitor", origin)
    await socket.hello(chat.token("visitor", "ada"))
    if origin == "https://evil.example":
        assert socket.closed is not None
        assert socket.closed[0] == 4403
    else:
        assert socket.ops() == ["welcome"]


async def test_few_at_a_time_ask_the_store_who_they_are() -> None:
    """Thousands who come back at once wait for each other, and not for a connection in vain."""
    chat = await Chat(concurrent_reads=2).open()
    sockets = await asyncio.gather(*(chat.visitor(f"visitor {number}") for number in range(9)))
    assert [socket.ops() for socket in sockets] == [["welcome"]] * 9
    assert chat.doors.most == 2


async def test_without_the_store_hello_is_for_later(chat: Chat) -> None:
    """The socket closes with 1013, and the hub forgets it."""
    feed = feed_of(await started(await chat.visitor()))
    here = len(list(chat.hub))
    chat.store.away = True
    late = await chat.visitor(feeds={feed: 0})
    assert late.closed is not None
    assert late.closed[0] == 1013
    assert len(list(chat.hub)) == here


async def test_no_hello_in_time() -> None:
    """A socket that says nothing is closed with 4408."""
    chat = await Chat(hello_timeout_s=0.0).open()
    silent = chat.connect("visitor")
    await silent.task
    assert silent.closed == (4408, "no hello in time")


@pytest.mark.parametrize("text", [None, "nonsense", '{"op":"post"}', '{"op":"hello","token":"x"}'])
async def test_what_cannot_be_answered_closes_this_socket_alone(
    chat: Chat, text: str | None
) -> None:
    """What was answered before is sent first; another socket does not notice."""
    ada, bob = await chat.visitor(), await chat.visitor("bob")
    ada.say("ping", n=1)
    ada.say_raw(text)
    await chat.idle()
    assert ada.closed is not None
    assert ada.closed[0] == 4400
    assert ada.ops()[-1] == "pong"
    assert ada.task.done()
    assert (await bob.ask("start"))["op"] == "ack"


# --- feeds ---------------------------------------------------------------------------------------


async def test_a_feed_is_left(chat: Chat) -> None:
    """After ``unsubscribe`` nothing of it comes; leaving what was not followed is acked too."""
    ada = await chat.visitor()
    feed = feed_of(await started(ada))
    await ada.ask("subscribe", feed=feed, after=0)
    await started(ada, "seen")
    assert (await ada.ask("unsubscribe", feed=feed))["op"] == "ack"
    assert (await ada.ask("unsubscribe", feed="whatever"))["op"] == "ack"
    await started(ada, "unseen")
    assert ada.texts(feed) == ["hello", "seen"]


async def test_the_number_of_feeds_is_limited() -> None:
    """One more is ``too_many``; one of those that are followed may be subscribed anew."""
    chat = await Chat(feeds=1).open()
    one = feed_of(await started(await chat.visitor()))
    other = feed_of(await started(await chat.visitor("bob")))
    desk = await chat.agent(await chat.add_agent(), feeds={one: 0})
    assert (await desk.ask("subscribe", feed=other, after=0))["code"] == "too_many"
    assert (await desk.ask("subscribe", feed=one, after=0))["op"] == "ack"


async def test_nothing_of_a_feed_comes_before_its_answer(chat: Chat) -> None:
    """While it is not known whether a conversation may be read, what happens there is not sent."""
    secret = feed_of(await started(await chat.visitor("bob"), "secret"))
    ada = await chat.visitor()
    chat.gate.shut()
    id_ = ada.say("subscribe", feed=secret, after=0)
    await chat.idle()
    tell(chat.hub, chat.committed[-1])
    await chat.idle()
    check, *reads = chat.gate.waiting
    for read in reads:
        read.set_result(None)
    await chat.idle()
    check.set_result(None)
    await chat.idle()
    assert ada.ops() == ["welcome", "error"]
    assert ada.answer(id_)["code"] == "not_found"


async def test_a_flood_of_subscriptions_waits_for_the_client() -> None:
    """A client that asks and does not read is not read either: what waits for it is bounded."""
    chat = await Chat(queue_bytes=2_000, commands_burst=100_000).open()
    ada = await chat.visitor()
    ada.takes.clear()
    ids = [ada.say("unsubscribe", feed="x" * 100) for _ in range(500)]
    for _ in range(30):
        await chat.idle()
    assert ada.connection._outgoing.size < 3_000
    ada.takes.set()
    for _ in range(60):
        await chat.idle()
    assert {ada.answer(id_)["op"] for id_ in ids} == {"ack"}


# --- commands ------------------------------------------------------------------------------------


async def test_an_ack_says_where_the_command_stands(chat: Chat) -> None:
    """Conversation and version for all; the position for agents only."""
    ada = await chat.visitor()
    ack = await ada.ask("start", body=body("hi"))
    talk = ack["conversation"]
    assert ack == {"op": "ack", "id": ack["id"], "conversation": talk, "version": 2}
    desk = await chat.agent(await chat.add_agent())
    ack = await desk.ask("post", conversation=talk, body=body("hello"))
    assert (ack["version"], ack["position"]) == (4, chat.committed[-1].upto)


async def test_a_repeat_gets_the_first_answer(chat: Chat) -> None:
    """Even when it would be refused today, and from another socket of the same actor."""
    ada = await chat.visitor()
    talk = await started(ada)
    first = await ada.ask("post", conversation=talk, body=body("one"))
    await ada.ask("close", conversation=talk)
    desk = await chat.agent(await chat.add_agent())
    other = await chat.visitor()
    again = await other.ask("post", id=first["id"], conversation=talk, body=body("one"))
    assert again == {**first, "duplicate": True}
    bob = await chat.visitor("bob")
    theirs = await bob.ask("start", id=first["id"], body=body("bob's own id"))
    assert "duplicate" not in theirs
    assert (await desk.ask("post", conversation=talk, body=body("x")))["code"] == (
        "conversation_closed"
    )


async def test_an_id_is_used_for_one_thing(chat: Chat) -> None:
    """The same id with another body, another operation or for nothing at all is ``id_reused``."""
    ada = await chat.visitor()
    talk = await started(ada)
    first = await ada.ask("post", conversation=talk, body=body("one"))
    other = await chat.visitor()
    for op, fields in (
        ("post", {"conversation": talk, "body": body("two")}),
        ("close", {"conversation": talk}),
        ("post", {"conversation": talk, "body": body("")}),
        ("start", {}),
    ):
        error = await other.ask(op, id=first["id"], **fields)
        assert error["code"] == "id_reused", op
        other.frames.clear()


async def test_what_changes_nothing_is_unchanged(chat: Chat) -> None:
    """It is acked, and decided anew when it comes again."""
    ada = await chat.visitor()
    talk = await started(ada)
    desk = await chat.agent(await chat.add_agent())
    id_ = str(uuid4())
    ack = await desk.ask("tag", id=id_, conversation=talk, tags=[])
    assert ack == {"op": "ack", "id": id_, "conversation": talk, "unchanged": True}
    await desk.ask("tag", conversation=talk, tags=["vip"])
    desk.frames.clear()
    assert "unchanged" not in await desk.ask("tag", id=id_, conversation=talk, tags=[])


async def test_pipelined_commands_keep_their_order(chat: Chat) -> None:
    """Sent without waiting for answers: every one is answered, and the log has them as sent."""
    ada = await chat.visitor()
    talk = await started(ada)
    await ada.ask("subscribe", feed=feed_of(talk), after=0)
    texts = [f"message {n}" for n in range(200)]
    ids = [ada.say("post", conversation=talk, body=body(text)) for text in texts]
    for _ in range(20):
        await chat.idle()
    versions = [ada.answer(id_)["version"] for id_ in ids]
    assert versions == sorted(versions)
    assert ada.texts(feed_of(talk)) == ["hello", *texts]


async def test_an_unavailable_store_refuses_until_the_first_is_sent_again(chat: Chat) -> None:
    """Every later command of that conversation is ``unavailable`` too, with the store back.

    Each with ``retry_after_ms``, until the first one refused is sent again.
    """
    ada = await chat.visitor()
    talk = await started(ada)
    chat.store.away = True
    first = await ada.ask("post", conversation=talk, body=body("one"))
    assert (first["code"], first["retry_after_ms"]) == ("unavailable", 500)
    chat.store.away = False
    second = await ada.ask("post", conversation=talk, body=body("two"))
    assert (second["code"], second["retry_after_ms"]) == ("unavailable", 500)
    other = await chat.visitor()
    assert (await other.ask("post", conversation=talk, body=body("other")))["op"] == "ack"
    assert (await ada.ask("page", page={"url": "http://x/"}))["op"] == "ack"
    ada.frames.clear()
    again = [
        ada.say("post", id=first["id"], conversation=talk, body=body("one")),
        ada.say("post", id=second["id"], conversation=talk, body=body("two")),
    ]
    await chat.idle()
    assert [ada.answer(id_)["op"] for id_ in again] == ["ack", "ack"]
    await ada.ask("subscribe", feed=feed_of(talk), after=0)
    assert ada.texts(feed_of(talk)) == ["hello", "other", "one", "two"]


async def test_a_lost_answer_is_found_again(chat: Chat) -> None:
    """The store committed and could not say so: sent again, the command is a duplicate."""
    ada = await chat.visitor()
    talk = await started(ada)
    chat.store.lose_answers = 1
    first = await ada.ask("post", conversation=talk, body=body("one"))
    assert first["code"] == "unavailable"
    ada.frames.clear()
    ack = await ada.ask("post", id=first["id"], conversation=talk, body=body("one"))
    assert (ack["op"], ack["duplicate"], ack["version"]) == ("ack", True, 3)


async def test_what_the_store_will_never_take_hurts_nobody_else(chat: Chat) -> None:
    """One poisoned command is an internal error; those that came with it are acked."""
    ada = await chat.visitor()
    talk = await started(ada)
    poison = uuid4()
    chat.store.poison.add(poison)
    ids = [str(uuid4()), str(poison), str(uuid4())]
    for id_ in ids:
        ada.say("post", id=id_, conversation=talk, body=body("x"))
    await chat.idle()
    assert [ada.answer(id_)["op"] for id_ in ids] == ["ack", "error", "ack"]
    assert ada.answer(ids[1])["code"] == "internal"


async def test_commands_in_flight_are_bounded() -> None:
    """At the limit the socket is read no further until answers have gone out."""
    chat = await Chat(commands_in_flight=3).open()
    ada = await chat.visitor()
    talk = await started(ada)
    chat.gate.shut()
    ids = [ada.say("post", conversation=talk, body=body("x")) for _ in range(9)]
    await chat.idle()
    assert ada.connection._answers is not None
    assert ada.connection._answers._commands.used == 3
    chat.gate.open()
    for _ in range(5):
        await chat.idle()
    assert {ada.answer(id_)["op"] for id_ in ids} == {"ack"}


async def test_nothing_overtakes_a_command_that_waits_for_room() -> None:
    """Whenever the next one comes, also just when there is room again."""
    for turns in range(30):
        chat = await Chat(commands_in_flight=1).open()
        ada = await chat.visitor()
        talk = await started(ada, "zero")
        chat.gate.shut()
        for text in ("one", "two"):
            ada.say("post", conversation=talk, body=body(text))
        await chat.idle()
        chat.gate.open()
        for _ in range(turns):
            await asyncio.sleep(0)
        ada.say("post", conversation=talk, body=body("three"))
        for _ in range(3):
            await chat.idle()
        events = await chat.store.read_log(LOG, 0, 100)
        texts = [each.data.body.text for each in events if each.type == "message.posted"]
        assert texts == ["zero", "one", "two", "three"], turns
        ada.hang_up()
        await ada.task


async def test_bytes_in_flight_are_bounded() -> None:
    """So are the bytes of its commands, and those of all sockets of the node together."""
    chat = await Chat(command_bytes=2_000, node_command_bytes=3_000).open()
    ada, bob = await chat.visitor(), await chat.visitor()
    talks = [await started(ada), await started(bob)]
    chat.gate.shut()
    ids = [
        who.say("post", conversation=talk, body=body("x" * 900))
        for who, talk in zip((ada, bob), talks, strict=True)
        for _ in range(5)
    ]
    await chat.idle()
    assert chat.node.command_bytes.used < 3_000 + 1_500
    chat.gate.open()
    for _ in range(20):
        await chat.idle()
    answers = [ada.answer(id_) for id_ in ids[:5]] + [bob.answer(id_) for id_ in ids[5:]]
    assert {answer["op"] for answer in answers} == {"ack"}
    assert chat.node.command_bytes.used == 0


async def test_a_fast_sender_is_slowed_not_refused() -> None:
    """Beyond the burst, commands are read at the rate; none is lost."""
    chat = await Chat(commands_per_s=10.0, commands_burst=2).open()
    ada = await chat.visitor()
    ids = [ada.say("page", page={"url": "http://x/"}) for _ in range(6)]
    await chat.idle()
    assert len(ada.all("ack")) < 6
    await chat.clock.advance(1.0)
    await chat.idle()
    assert {ada.answer(id_)["op"] for id_ in ids} == {"ack"}


# --- the end -------------------------------------------------------------------------------------


async def test_who_comes_back_after_ten_days_goes_on_where_it_was(chat: Chat) -> None:
    """What it had of its conversation is as good as ever, under a new token."""
    ada = await chat.visitor()
    talk = await started(ada, "0")
    feed = feed_of(talk)
    offset, mark = 2, chat.committed[-1].events[-1].mark
    bob = await chat.agent(await chat.add_agent())
    for n in range(1, 4):
        await bob.ask("post", conversation=talk, body=body(str(n)))
        await chat.clock.advance(10 * 24 * 3600 / 3)
    chat.hub.tick()
    await chat.idle()
    assert ada.closed == (4401, "the token has expired")
    ada = await chat.visitor(feeds={feed: offset}, marks={feed: mark})
    assert ada.texts(feed) == ["1", "2", "3"]
    assert not ada.all("reset")


async def test_who_has_too_much_given_up_begins_anew(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its order cannot be kept in mind any more: the next tick closes it, to come back."""
    monkeypatch.setattr(sender, "MAX_GIVEN_UP", 1)
    boss = await chat.agent(await chat.add_agent())
    talks = [await started(await chat.visitor(name)) for name in ("ada", "bob")]
    chat.node.handler.states.clear()
    chat.store.away = True
    for talk in talks:
        boss.say("post", conversation=talk, body=body("lost"))
    await chat.idle()
    assert {frame["code"] for frame in boss.all("error")} == {"unavailable"}
    chat.store.away = False
    chat.hub.tick()
    await chat.idle()
    assert boss.closed is not None
    assert boss.closed[0] == 1013


async def test_an_expired_token_closes(chat: Chat) -> None:
    """When the token's time is over, the next tick closes with 4401."""
    ada = await chat.visitor()
    chat.hub.tick()
    await chat.idle()
    assert ada.closed is None
    await chat.clock.advance(3601)
    chat.hub.tick()
    await chat.idle()
    assert ada.closed == (4401, "the token has expired")
    assert ada.task.done()
    assert len(list(chat.hub)) == 0


async def test_go_away_and_drain(chat: Chat) -> None:
    """A socket is asked to come back; commands in flight are still answered, then it closes."""
    ada = await chat.visitor()
    talk = await started(ada)
    chat.gate.shut()
    id_ = ada.say("post", conversation=talk, body=body("late"))
    await chat.idle()
    ada.connection.go_away("restarting", 1200)
    assert ada.connection.busy
    chat.gate.open()
    await chat.idle()
    assert not ada.connection.busy
    ada.connection.close(1012, "restarting")
    await ada.task
    assert ada.all("goaway") == [
        {"op": "goaway", "reason": "restarting", "reconnect_after_ms": 1200}
    ]
    assert ada.answer(id_)["op"] == "ack"
    assert ada.closed == (1012, "restarting")


async def test_nothing_comes_before_welcome(chat: Chat) -> None:
    """Whoever says hello while the node is asked to drain is not told to go before it is let in."""
    chat.gate.shut()
    ada = await chat.visitor(feeds={feed_of(str(uuid4())): 0})
    ada.connection.go_away("restarting", 1200)
    chat.gate.open()
    await chat.idle()
    assert ada.ops()[0] == "welcome"
    assert not ada.all("goaway")
    ada.connection.go_away("restarting", 1200)
    await chat.idle()
    assert ada.all("goaway")


async def test_a_client_that_leaves_leaves_nothing_behind(chat: Chat) -> None:
    """Whatever it was doing: nothing follows, nobody is told, no task goes on."""
    before = len(asyncio.all_tasks())
    ada = await chat.visitor()
    talk = await started(ada)
    feed = feed_of(talk)
    await ada.ask("subscribe", feed=feed, after=0)
    chat.gate.shut()
    ada.say("post", conversation=talk, body=body("last words"))
    ada.say("subscribe", feed=feed, after=0)
    await chat.idle()
    ada.hang_up()
    chat.gate.open()
    for _ in range(3):
        await chat.idle()
    assert ada.task.done()
    assert not any(table for table in vars(chat.hub).values() if isinstance(table, dict))
    assert chat.node.handler.idle
    assert len(asyncio.all_tasks()) == before
    other = await chat.visitor(feeds={feed: 0})
    assert other.texts(feed) == ["hello", "last words"]


async def test_a_cancelled_connection_leaves_nothing_behind(chat: Chat) -> None:
    """When the server stops it wherever it waits, the same."""
    before = len(asyncio.all_tasks())
    ada = await chat.visitor()
    feed = feed_of(await started(ada))
    chat.gate.shut()
    ada.say("subscribe", feed=feed, after=0)
    await chat.idle()
    ada.task.cancel()
    await chat.idle()
    chat.gate.open()
    await chat.idle()
    assert ada.task.cancelled()
    assert len(list(chat.hub)) == 0
    assert len(asyncio.all_tasks()) == before
