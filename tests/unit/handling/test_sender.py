"""The order that a sender is promised once a command was given up."""

from __future__ import annotations

from uuid import UUID

import pytest

from domain.access import Rights
from domain.envelope import Access, Actor
from domain.errors import Refused
from domain.handling.sender import MAX_GIVEN_UP, Sender

TALK = "talk"
BUSY = Refused("busy", retry_after_ms=500)


def uuid(number: int) -> UUID:
    """The id of the command of this number."""
    return UUID(int=number)


@pytest.fixture
def sender() -> Sender:
    """A visitor."""
    return Sender(UUID(int=0), Actor("visitor", "ada"))


def passes(sender: Sender, place: int, number: int, talk: str = TALK) -> bool:
    """Whether a command may be decided."""
    try:
        sender.check_order(talk, place, uuid(number))
    except Refused:
        return False
    return True


def test_all_passes_while_nothing_was_given_up(sender: Sender) -> None:
    """Any order will do, and each conversation has its own."""
    assert all(passes(sender, place, place) for place in (2, 1, 3))
    sender.give_up(TALK, 4, uuid(4), BUSY)
    assert passes(sender, 5, 5, "another")


def test_what_comes_behind_waits_until_the_first_is_sent_again(sender: Sender) -> None:
    """The refused one opens the way, for itself and for all behind it."""
    sender.give_up(TALK, 1, uuid(1), BUSY)
    assert not passes(sender, 2, 2)
    assert not passes(sender, 3, 3)
    assert passes(sender, 4, 1)
    assert passes(sender, 5, 2)


def test_what_comes_behind_is_refused_alike(sender: Sender) -> None:
    """With the code and the time of the first."""
    sender.give_up(TALK, 1, uuid(1), BUSY)
    with pytest.raises(Refused) as caught:
        sender.check_order(TALK, 2, uuid(2))
    assert (caught.value.code, caught.value.retry_after_ms) == ("busy", 500)


def test_what_was_sent_before_is_not_held_up(sender: Sender) -> None:
    """A command decided anew after a later one was given up keeps its place before that one."""
    sender.give_up(TALK, 2, uuid(2), BUSY)
    assert passes(sender, 1, 1)
    assert not passes(sender, 3, 3)


def test_the_earliest_sent_of_several_is_the_first(sender: Sender) -> None:
    """Whatever order they were given up in."""
    for place in (2, 1, 3):
        sender.give_up(TALK, place, uuid(place), BUSY)
    assert not passes(sender, 4, 2)
    assert passes(sender, 5, 1)


def test_what_is_kept_in_mind_is_bounded(sender: Sender) -> None:
    """Whoever has more given up than that is refused everything, so that no order is broken."""
    for place in range(1, MAX_GIVEN_UP + 1):
        sender.give_up(f"talk {place}", place, uuid(place), BUSY)
    assert passes(sender, MAX_GIVEN_UP + 1, 0, "another")
    sender.give_up("one more", MAX_GIVEN_UP + 2, uuid(0), BUSY)
    assert sender.overfull
    assert not passes(sender, MAX_GIVEN_UP + 3, 0, "another")
    assert not passes(sender, MAX_GIVEN_UP + 4, 1, "talk 1")


def test_places_count(sender: Sender) -> None:
    """Each command has a place of its own."""
    assert [sender.next_place() for _ in range(3)] == [1, 2, 3]


def test_who_may_read() -> None:
    """A visitor its own, a limited agent what its rights say, the system everything."""
    log, sales = UUID(int=0), Access("sales")
    visitor = Sender(log, Actor("visitor", "ada"))
    agent = Sender(log, Actor("agent", "grace"), Rights("limited", "grace", frozenset({"hr"})))
    system = Sender(log, Actor("operator", "root"))
    assert visitor.may_read("ada", sales)
    assert not visitor.may_read("bob", sales)
    assert not agent.may_read("ada", sales)
    assert agent.may_read("ada", Access("hr"))
    assert system.may_read("ada", sales)
