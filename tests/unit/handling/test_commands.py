"""Handling over the simulated store: order, repeats, other nodes, and no command unanswered."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.append import Answer, Append
from domain.conversation import commands as c
from domain.conversation.events import Body, Page
from domain.envelope import Access
from domain.handling.commands import Ack, HandlingLimits
from domain.handling.plan import Command, View, plan
from domain.visitor.commands import Identify, ViewPage
from tests.doubles.clock import settle
from tests.unit.handling.bench import LOG, Bench, outcome, post, visitor


@pytest.fixture
async def bench() -> Bench:
    """Two nodes over a fresh store."""
    return await Bench(nodes=2).start()


# --- order and repeats ---------------------------------------------------------------------------


async def test_what_is_pipelined_is_decided_on_what_came_before(bench: Bench) -> None:
    """Close, say, close: each rests on the provisional outcome of the one before it."""
    ada = visitor()
    talk = await bench.begin(ada)
    commands: list[Command] = [c.Close(uuid4(), talk), post(talk, "again"), c.Close(uuid4(), talk)]
    futures = [bench.nodes[0].submit(ada, command) for command in commands]
    await bench.idle()
    assert all(isinstance(outcome(future), Ack) for future in futures)
    types = [event.type for event in await bench.log() if "conversation-" in event.stream]
    assert types[2:] == [
        "conversation.closed",
        "conversation.reopened",
        "message.posted",
        "conversation.closed",
    ]


async def test_a_command_that_cannot_be_handed_on_holds_up_no_other(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our own mistake is its answer; the same visitor's next command is taken."""
    ada = visitor()
    talk = await bench.begin(ada)

    def broken(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(bench.commits[0], "put", broken)
        assert await bench.do(ada, post(talk, "lost")) == "internal"
    assert isinstance(await bench.do(ada, post(talk, "next")), Ack)
    assert bench.nodes[0].idle


async def test_a_repeat_on_another_node_is_a_duplicate(bench: Bench) -> None:
    """At the same time as the first, and later; the log has it once."""
    ada = visitor()
    talk = await bench.begin(ada)
    command = post(talk, "once")
    futures = [node.submit(visitor(), command) for node in bench.nodes]
    await bench.idle()
    answers = [outcome(future) for future in futures]
    answers.append(await bench.do(visitor(), command, node=1))
    assert [isinstance(each, Ack) and each.duplicate for each in answers].count(False) == 1
    assert {each.version for each in answers if isinstance(each, Ack)} == {3}
    assert await bench.texts(talk) == ["hello", "once"]


@pytest.mark.parametrize("node", [0, 1])
async def test_a_repeat_is_recognised_before_it_is_judged(bench: Bench, node: int) -> None:
    """A command that would be refused today gets its first answer, from any node."""
    ada, agent = visitor(), await bench.add_agent()
    talk = await bench.begin(ada)
    command = c.Assign(uuid4(), talk)
    first = await bench.do(agent, command)
    await bench.do(ada, c.Close(uuid4(), talk))
    assert await bench.do(agent, c.Assign(uuid4(), talk), node) == "conversation_closed"
    again = await bench.do(agent, command, node)
    assert isinstance(first, Ack)
    assert isinstance(again, Ack)
    assert (again.duplicate, again.version) == (True, first.version)
    assert await bench.do(agent, c.Reopen(command.id, talk), node) == "id_reused"


async def test_a_repeat_that_cannot_be_looked_up_is_unavailable(bench: Bench) -> None:
    """Its first answer is in the log but cannot be read now: sent again, it gets it."""
    ada = visitor()
    talk = await bench.begin(ada)
    command = post(talk, "once")
    first = await bench.do(ada, command)
    bench.store.lose_lookups = 1
    assert await bench.do(ada, command) == "unavailable"
    again = await bench.do(ada, command)
    assert isinstance(first, Ack)
    assert isinstance(again, Ack)
    assert (again.duplicate, again.version) == (True, first.version)


async def test_a_pipeline_of_repeats_costs_nobody_an_answer(bench: Bench) -> None:
    """However many conflict for another's sake: each round answers one, and charges no other."""
    ada = visitor()
    talk = await bench.begin(ada)
    futures = []
    for number in range(40):
        command = post(talk, str(number))
        futures += [bench.nodes[0].submit(ada, command) for _ in range(2)]
    await bench.idle()
    answers = [outcome(future) for future in futures]
    assert all(isinstance(answer, Ack) for answer in answers)
    assert [a.duplicate for a in answers if isinstance(a, Ack)] == [False, True] * 40


async def test_a_decision_on_two_outcomes_waits_for_both(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An append can name one outcome only; with none of two open it rests on what is."""
    ada = visitor()
    talk = await bench.begin(ada)
    batches: list[set[UUID]] = []
    append_batch = bench.store.append_batch

    async def kept(log: UUID, batch: Sequence[Append]) -> list[Answer]:
        batches.append({append.command for append in batch})
        return await append_batch(log, batch)

    monkeypatch.setattr(bench.store, "append_batch", kept)
    first, said = post(talk, "one"), post(talk, "two")  # the first one goes by itself
    viewed, both = ViewPage(uuid4(), Page("https://example.org/")), c.Start(uuid4(), Body("three"))
    futures = [bench.nodes[0].submit(ada, command) for command in (first, viewed, said, both)]
    await bench.idle()
    assert all(isinstance(outcome(future), Ack) for future in futures)
    assert batches == [{first.id}, {viewed.id, said.id}, {both.id}]
    assert await bench.texts(talk) == ["hello", "one", "two", "three"]


# --- whose it is ---------------------------------------------------------------------------------


async def test_a_visitor_does_nothing_in_anothers_conversation(bench: Bench) -> None:
    """Whatever it is, it is refused as if the conversation were not there."""
    talk = await bench.begin(visitor())
    before = await bench.log()
    for command in (
        post(talk, "me too"),
        c.Read(uuid4(), talk, 1),
        c.Rate(uuid4(), talk, 5),
        c.Close(uuid4(), talk),
    ):
        assert await bench.do(visitor("mallory"), command) == "not_found"
    assert await bench.log() == before


# --- other nodes ---------------------------------------------------------------------------------


async def test_a_refusal_rests_on_what_is(bench: Bench) -> None:
    """A node whose state is old asks the log before it refuses, and decides anew."""
    ada, agent = visitor(), await bench.add_agent()
    talk = await bench.begin(ada)
    await bench.do(agent, c.SetTags(uuid4(), talk, ["seen"]), node=1)
    await bench.do(ada, c.Close(uuid4(), talk), node=0)
    assert await bench.do(agent, post(talk, "x"), node=1) == "conversation_closed"
    await bench.do(agent, c.Reopen(uuid4(), talk), node=0)
    assert isinstance(await bench.do(agent, post(talk, "x"), node=1), Ack)


async def test_two_nodes_open_one_conversation(bench: Bench) -> None:
    """Starts at the same time on two nodes: the second says it in the conversation of the first."""
    futures = [
        node.submit(visitor(), c.Start(uuid4(), Body(str(number))))
        for number, node in enumerate(bench.nodes)
    ]
    await bench.idle()
    acks = [outcome(future) for future in futures]
    assert all(isinstance(ack, Ack) for ack in acks)
    assert len({ack.conversation for ack in acks if isinstance(ack, Ack)}) == 1
    started = [event for event in await bench.log() if event.type == "conversation.started"]
    assert len(started) == 1


async def test_a_start_says_nothing_in_a_closed_conversation(bench: Bench) -> None:
    """A new conversation begins, though the node has the closed one as the visitor's open one."""
    ada = visitor()
    talk = await bench.begin(ada)
    await bench.do(visitor(), ViewPage(uuid4(), Page("http://x/")), node=1)
    await bench.do(ada, c.Close(uuid4(), talk), node=0)
    await bench.nodes[1].states.refresh(LOG, f"conversation-{talk}")
    ack = await bench.do(visitor(), c.Start(uuid4(), Body("again")), node=1)
    assert isinstance(ack, Ack)
    assert ack.conversation != str(talk)
    assert await bench.texts(talk) == ["hello"]


@pytest.mark.parametrize("what", ["page", "identify"])
async def test_what_a_visitor_does_is_seen_by_those_who_serve_it_now(
    bench: Bench, what: str
) -> None:
    """A visitor's events carry who can read its conversation now, by the log.

    What the node remembers may be old.
    """
    ada, agent = visitor(), await bench.add_agent()
    talk = await bench.begin(ada, department="sales")
    page = ViewPage(uuid4(), Page("http://x/"))
    assert isinstance(await bench.do(visitor(), page, node=1), Ack)
    await bench.do(agent, c.Transfer(uuid4(), talk, department="support"), node=0)
    command = (
        Identify(uuid4(), "ada@shop", "key")
        if what == "identify"
        else ViewPage(uuid4(), Page("http://y/"))
    )
    assert isinstance(await bench.do(visitor(), command, node=1), Ack)
    last = (await bench.log())[-1]
    assert last.stream == "visitor-ada"
    assert last.metadata.after == Access("support")


async def test_a_command_that_always_conflicts_is_given_up() -> None:
    """After its attempts it is ``busy``, and so is what comes behind it; then it goes on."""
    bench = await Bench(nodes=2, limits=HandlingLimits(attempts=3)).start()
    ada, agent = visitor(), await bench.add_agent()
    talk = await bench.begin(ada)
    refresh, states = bench.nodes[1].states.refresh, bench.nodes[1].states

    async def never_new(log: Any, stream: str) -> Any:
        return (
            await refresh(log, stream)
            if states.peek(log, stream) is None
            else states.peek(log, stream)
        )

    await bench.do(agent, c.Assign(uuid4(), talk), node=1)
    states.refresh = never_new  # type: ignore[method-assign]  # always old
    await bench.do(ada, c.Close(uuid4(), talk), node=0)
    await bench.do(ada, post(talk, "again"), node=0)
    command, behind = post(talk, "from node 1"), post(talk, "behind")
    assert await bench.do(agent, command, node=1) == "busy"
    assert await bench.do(agent, behind, node=1) == "busy"
    states.refresh = refresh  # type: ignore[method-assign]  # mended
    assert isinstance(await bench.do(agent, command, node=1), Ack)
    assert isinstance(await bench.do(agent, behind, node=1), Ack)
    assert await bench.texts(talk) == ["hello", "again", "from node 1", "behind"]


def in_rounds_only(patch: pytest.MonkeyPatch, bench: Bench, node: int) -> None:
    """Let a node decide what comes together as one round, the first of it too."""
    patch.setattr(bench.nodes[node]._lanes, "_alone", lambda _: False)


# --- no command unanswered -----------------------------------------------------------------------


@pytest.mark.parametrize("where", ["plan", "evolve", "states"])
async def test_a_mistake_of_ours_leaves_nobody_waiting(
    bench: Bench, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever raises, every command is answered, and the next ones are served."""
    ada = visitor()
    talk = await bench.begin(ada)

    def faulty(command: Any, *rest: Any) -> Any:
        if command.body.text == "fault":
            raise RuntimeError("a mistake of ours")
        return plan(command, *rest)

    def raising(*_: Any) -> None:
        raise RuntimeError("a mistake of ours")

    with monkeypatch.context() as fault:
        if where == "plan":
            fault.setattr("domain.handling.commands.plan", faulty)
        elif where == "evolve":
            fault.setattr(View, "decided", raising)
        else:
            fault.setattr(bench.nodes[0].states, "apply", raising)
        commands = [post(talk, text) for text in ("one", "fault", "two")]
        futures = [bench.nodes[0].submit(ada, command) for command in commands]
        await bench.idle()
        answers = [outcome(future) for future in futures]
    answered = [isinstance(answer, Ack) for answer in answers]
    if where == "plan":
        assert answered == [True, False, True]
        assert answers[1] == "internal"
    elif where == "evolve":  # the first was alone: nothing had to be decided on top of it
        assert answered == [True, False, False]
        assert answers[1:] == ["unavailable"] * 2
    else:
        assert answers == ["unavailable"] * 3
    assert bench.nodes[0].idle
    for command, was_acked in zip(commands, answered, strict=True):
        assert was_acked or isinstance(await bench.do(ada, command), Ack)


async def test_a_mistake_of_ours_takes_back_no_answer(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was acked before something went wrong holds up nothing behind it."""
    agent = await bench.add_agent()
    talk = await bench.begin(visitor())
    await bench.do(agent, c.SetTags(uuid4(), talk, ["seen"]), node=1)
    await bench.do(agent, c.SetTags(uuid4(), talk, ["more"]), node=0)

    async def raising(*_: Any) -> None:
        raise RuntimeError("a mistake of ours")

    commands = [post(talk, text) for text in ("one", "two", "three")]
    with monkeypatch.context() as fault:
        fault.setattr(bench.nodes[1], "_refresh", raising)
        in_rounds_only(fault, bench, 1)
        futures = [bench.nodes[1].submit(agent, command) for command in commands[:2]]
        await bench.idle()
    assert isinstance(outcome(futures[0]), Ack)
    assert outcome(futures[1]) == "unavailable"
    for command in commands[1:]:
        assert isinstance(await bench.do(agent, command, node=1), Ack)


async def test_a_stopping_node_leaves_nobody_waiting(bench: Bench) -> None:
    """Cancelled wherever it waits, a lane answers what it had."""
    ada, agent = visitor(), await bench.add_agent()
    talk = await bench.begin(ada)
    bench.nodes[1].states._entries.clear()
    bench.shut = True
    futures = [bench.nodes[0].submit(ada, post(talk, str(n))) for n in range(3)]
    futures += [bench.nodes[1].submit(agent, post(talk, str(n))) for n in range(3)]
    await bench.idle()
    futures += [bench.nodes[0].submit(ada, post(talk, str(n))) for n in range(3)]
    for node in bench.nodes:
        for task in [*node._lanes._tasks, *node._commits._tasks]:
            task.cancel()
    await bench.idle()
    assert {outcome(future) for future in futures} == {"unavailable"}
    assert all(node.idle for node in bench.nodes)
    bench.open()
    await bench.idle()


async def test_without_the_store_an_unknown_conversation_is_unavailable(bench: Bench) -> None:
    """Commands that wait for their conversation's visitor to be known are given up, in order."""
    ada, agent = visitor(), await bench.add_agent()
    talk = await bench.begin(ada)
    bench.store.away = True
    commands = [post(talk, str(n)) for n in range(3)]
    futures = [bench.nodes[1].submit(agent, command) for command in commands]
    await bench.idle()
    assert [outcome(future) for future in futures] == ["unavailable"] * 3
    bench.store.away = False
    assert await bench.do(agent, commands[1], node=1) == "unavailable"
    for command in commands:
        assert isinstance(await bench.do(agent, command, node=1), Ack)
    assert await bench.texts(talk) == ["hello", "0", "1", "2"]


async def test_a_lane_is_bounded() -> None:
    """What does not fit is ``busy``; what was there before is not held up by it."""
    bench = await Bench(limits=HandlingLimits(lane_commands=2, round_commands=1)).start()
    ada = visitor()
    talk = await bench.begin(ada)
    bench.shut = True
    commands = [post(talk, str(n)) for n in range(5)]
    futures = []
    for command in commands:
        futures.append(bench.nodes[0].submit(ada, command))
        for _ in range(3):
            await asyncio.sleep(0)
    bench.open()
    await bench.idle()
    answers = [outcome(future) for future in futures]
    refused = [n for n, answer in enumerate(answers) if answer == "busy"]
    assert refused
    assert refused == list(range(refused[0], 5))
    for command in commands[refused[0] :]:
        assert isinstance(await bench.do(ada, command), Ack)
    assert await bench.texts(talk) == ["hello", *map(str, range(5))]


async def test_what_waits_for_its_lane_is_bounded_too() -> None:
    """Of a conversation that nobody has looked up yet, no more commands wait than in a lane."""
    bench = await Bench(nodes=2, limits=HandlingLimits(lane_commands=2)).start()
    talk = await bench.begin(visitor())
    agent = await bench.add_agent()
    bench.shut = True
    commands = [post(talk, str(n)) for n in range(4)]
    futures = [bench.nodes[1].submit(agent, command) for command in commands]
    assert [future.done() for future in futures] == [False, False, True, True]
    bench.open()
    await bench.idle()
    assert [isinstance(outcome(future), Ack) for future in futures] == [True, True, False, False]
    assert [outcome(future) for future in futures[2:]] == ["busy"] * 2


# --- order when something is given up ------------------------------------------------------------


async def test_what_was_sent_before_a_refused_command_still_counts() -> None:
    """Of two, the first conflicts and is decided anew, and the second finds no store.

    The first is then decided before the second comes again, not behind it.
    """
    bench = await Bench(nodes=2, batch_commands=1).start()
    ada, agent = visitor(), await bench.add_agent()
    talk = await bench.begin(ada)
    await bench.do(agent, c.SetTags(uuid4(), talk, ["seen"]), node=1)
    await bench.do(ada, c.Close(uuid4(), talk), node=0)
    await bench.do(agent, c.Reopen(uuid4(), talk), node=0)
    append_batch = bench.store.append_batch
    first, second = post(talk, "first"), post(talk, "second")

    async def losing(log: Any, batch: Any) -> Any:
        if batch[0].command == second.id:
            bench.store.lose_requests = 1
        return await append_batch(log, batch)

    bench.store.append_batch = losing  # type: ignore[method-assign]  # the fault
    futures = [bench.nodes[1].submit(agent, command) for command in (first, second)]
    await bench.idle()
    bench.store.append_batch = append_batch  # type: ignore[method-assign]  # mended
    assert isinstance(outcome(futures[0]), Ack)
    assert outcome(futures[1]) == "unavailable"
    assert isinstance(await bench.do(agent, second, node=1), Ack)
    assert await bench.texts(talk) == ["hello", "first", "second"]


async def test_nothing_is_acked_behind_a_refused_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that was committed behind one whose answer was lost is refused like that one.

    When both come again, both are duplicates.
    """
    bench = await Bench(batch_commands=1).start()
    in_rounds_only(monkeypatch, bench, 0)
    ada = visitor()
    talk = await bench.begin(ada)
    bench.store.lose_answers = 1
    commands = [post(talk, "first"), post(talk, "second")]
    futures = [bench.nodes[0].submit(ada, command) for command in commands]
    await bench.idle()
    assert [outcome(future) for future in futures] == ["unavailable", "unavailable"]
    again = [await bench.do(ada, command) for command in commands]
    assert all(isinstance(answer, Ack) and answer.duplicate for answer in again)
    assert await bench.texts(talk) == ["hello", "first", "second"]


async def test_a_start_stands_in_the_order_of_what_a_visitor_says(bench: Bench) -> None:
    """It may be said in the open conversation, so it does not overtake what was given up there."""
    ada = visitor()
    talk = await bench.begin(ada)
    first, start = post(talk, "first"), c.Start(uuid4(), Body("second"))
    bench.store.away = True
    assert await bench.do(ada, first) == "unavailable"
    bench.store.away = False
    assert await bench.do(ada, start) == "unavailable"
    assert isinstance(await bench.do(ada, first), Ack)
    assert isinstance(await bench.do(ada, start), Ack)
    assert await bench.texts(talk) == ["hello", "first", "second"]


async def test_a_repeat_in_between_breaks_no_order(bench: Bench) -> None:
    """What comes behind a repeated command rests on what was sent before that one.

    A page view is in the log already, just where a node with an old state would put it; the
    post before it conflicts, and the post behind it does not pass it by.
    """
    ada, agent = visitor(), await bench.add_agent()
    talk = await bench.begin(ada)
    page = ViewPage(uuid4(), Page("http://x/"))
    states = bench.nodes[1].states
    await states.refresh(LOG, "visitor-ada")
    await states.refresh(LOG, f"conversation-{talk}")
    await bench.do(visitor(), page, node=0)
    await bench.do(agent, c.SetTags(uuid4(), talk, ["seen"]), node=0)
    sender = visitor()
    commands: list[Command] = [post(talk, "1"), post(talk, "2"), page, post(talk, "3")]
    futures = [bench.nodes[1].submit(sender, command) for command in commands]
    await bench.idle()
    assert all(isinstance(outcome(future), Ack) for future in futures)
    assert await bench.texts(talk) == ["hello", "1", "2", "3"]


@pytest.mark.parametrize("seed", range(40))
async def test_two_starts_on_two_nodes_are_one_conversation(seed: int) -> None:
    """However the store's answers come in, the second start says its word in the first one's."""
    bench = await Bench(nodes=2).start()
    random = Random(seed)
    bench.shut = True
    starts = [node.submit(visitor(), c.Start(uuid4(), Body("hi"))) for node in bench.nodes]
    while not all(start.done() for start in starts):
        await settle()
        if bench.waiting:
            bench.let(random.randrange(len(bench.waiting)))
        else:
            await bench.clock.advance(1.0)
    bench.open()
    acks = [start.result() for start in starts]
    assert len({ack.conversation for ack in acks}) == 1
    assert await bench.texts(UUID(acks[0].conversation)) == ["hi", "hi"]


async def test_a_state_that_the_store_never_had_is_not_built_upon_for_ever() -> None:
    """A node that holds a lost history, and was not told, decides on the store's in the end."""
    bench = await Bench().start()
    talk = await bench.begin(visitor())
    length = len(await bench.log())
    for text in ("lost", "lost too"):
        await bench.do(visitor(), post(talk, text))
    bench.store.restore({LOG: length})
    ack = await bench.do(visitor(), c.Close(uuid4(), talk))
    assert isinstance(ack, Ack)
    assert ack.version == 3
