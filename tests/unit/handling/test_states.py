"""Kept states: never older than what was told of, never beyond their number."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from msgspec.structs import replace

from domain.conversation.commands import Assign, Transfer
from domain.envelope import Access
from domain.errors import EventDamaged
from domain.handling.commands import Ack
from domain.handling.states import Entry, States, initial
from tests.unit.handling.bench import LOG, Bench, post, visitor


async def test_what_was_committed_meanwhile_is_not_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A page that was read before a commit does not put an older state in place of a newer."""
    bench = await Bench().start()
    talk = await bench.begin(visitor())
    states, stream = States(bench.store), f"conversation-{talk}"
    await states.refresh(LOG, stream)
    read_stream = bench.store.read_stream

    async def overtaken(*args: Any) -> Any:
        page = await read_stream(*args)
        await bench.do(visitor(), post(talk, "more"))
        states.apply((await bench.log())[-1:])
        return page

    with monkeypatch.context() as slow:
        slow.setattr(bench.store, "read_stream", overtaken)
        entry = await states.refresh(LOG, stream)
    assert entry.version == 3
    assert states.peek(LOG, stream) == entry


async def test_a_state_that_has_a_hole_is_forgotten() -> None:
    """An event that does not continue a kept state means that it must be read again."""
    bench = await Bench().start()
    talk = await bench.begin(visitor())
    states, stream = States(bench.store), f"conversation-{talk}"
    await states.refresh(LOG, stream)
    for text in ("one", "two"):
        await bench.do(visitor(), post(talk, text))
    *_, last = await bench.log()
    states.apply((last,))
    assert states.peek(LOG, stream) is None
    assert (await states.load(LOG, stream)).version == 4
    states.apply((last,))
    assert (await states.load(LOG, stream)).version == 4


async def test_what_was_read_while_the_history_changed_is_read_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A state of the history before does not come back behind the clearing."""
    bench = await Bench().start()
    talk = await bench.begin(visitor())
    length = len(await bench.log())
    await bench.do(visitor(), post(talk, "lost"))
    states, stream = States(bench.store), f"conversation-{talk}"
    assert (await states.refresh(LOG, stream)).version == 3
    read_stream = bench.store.read_stream

    async def restored(*args: Any) -> Any:
        monkeypatch.setattr(bench.store, "read_stream", read_stream)
        page = await read_stream(*args)
        bench.store.restore({LOG: length})
        states.clear()
        return page

    monkeypatch.setattr(bench.store, "read_stream", restored)
    assert (await states.refresh(LOG, stream)).version == 2
    kept = states.peek(LOG, stream)
    assert kept is not None
    assert kept.version == 2


@pytest.mark.parametrize("known", [0, 2, 3])
async def test_an_erasure_changes_nothing_of_who_may_read(known: int) -> None:
    """A node that has only read what is left knows whose it is and where it is, as others do."""
    bench = await Bench().start()
    talk = await bench.begin(visitor())
    stream = f"conversation-{talk}"
    grace = await bench.add_agent()
    await bench.do(grace, Transfer(uuid4(), talk, department="sales"))
    await bench.do(grace, Assign(uuid4(), talk))
    there = await States(bench.store).refresh(LOG, stream)
    assert there.state.access == Access("sales", grace.actor.id)
    states = States(bench.store)
    states.apply([each for each in await bench.log() if each.stream == stream][:known])
    await bench.store.destroy_key(LOG, "visitor-ada")
    found = await states.refresh(LOG, stream)
    assert (found.version, found.state.visitor) == (there.version, there.state.visitor)
    assert found.state.access == there.state.access


async def test_states_are_bounded() -> None:
    """The one that was not used for longest goes; one without events is not kept at all."""
    bench = await Bench().start()
    talks = [await bench.begin(visitor(name)) for name in "abc"]
    states = States(bench.store, kept=2)
    for talk in (talks[0], talks[1], talks[0], talks[2]):
        await states.load(LOG, f"conversation-{talk}")
    kept = [states.peek(LOG, f"conversation-{talk}") is not None for talk in talks]
    assert kept == [True, False, True]
    assert await states.load(LOG, "conversation-none") == Entry(initial("conversation-none"), 0)
    assert states.peek(LOG, "conversation-none") is None


async def test_what_does_not_decide_may_be_damaged() -> None:
    """A message that cannot be read is stepped over; a decision that cannot be is not guessed."""
    bench = await Bench().start()
    talk = await bench.begin(visitor())
    await bench.do(visitor(), post(talk, "one"))
    stream = f"conversation-{talk}"
    (begun,) = [each for each in await bench.log() if each.type == "conversation.started"]
    bench.store.damaged = frozenset({len(await bench.log())})
    assert (await States(bench.store).load(LOG, stream)).version == 3
    assert isinstance(await bench.do(visitor(), post(talk, "two")), Ack)
    bench.store.damaged = frozenset({begun.position})
    with pytest.raises(EventDamaged):
        await States(bench.store).load(LOG, stream)


async def test_a_damaged_decision_is_no_hindrance_to_taking_note() -> None:
    """The state that it decides on is forgotten, and what comes after it is taken note of."""
    bench = await Bench().start()
    talk, other = [await bench.begin(visitor(name)) for name in "ab"]
    states = States(bench.store)
    before = await bench.log()
    states.apply(before)
    assert states.peek(LOG, f"conversation-{talk}") is not None
    (begun,) = [each for each in before if each.type == "conversation.started"][:1]
    damaged = replace(begun, version=3, damaged=True)
    await bench.do(visitor("b"), post(other, "more"))
    more = (await bench.log())[len(before) :]
    states.apply((damaged, *more))
    assert states.peek(LOG, f"conversation-{talk}") is None
    entry = states.peek(LOG, f"conversation-{other}")
    assert entry is not None
    assert entry.version == 3
