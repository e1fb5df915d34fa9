"""Ends: who is nobody here any more is shut out, what may not be read is gone, no more. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from operator import attrgetter

from tests.simulation.hearing import SHUTS_S, latest
from tests.simulation.history import History, Reader, Socket, Subscription
from tests.simulation.sight import Right
from tests.simulation.truth import Truth, Truths
from tests.simulation.verdicts import Verdict, verdict


def the_deactivated_are_shut_out(history: History) -> Verdict:
    """An agent that was deactivated has no socket any more at a node that has heard of it.

    It is welcomed nowhere from then on, and in the end was told not to come again.
    """
    truths = Truths(history)

    def look(socket: Socket, epoch: str) -> Iterator[str | None]:
        reader = history.readers[socket.client]
        if reader.role != "agent":
            return
        last = truths.of(epoch, reader.log).rights(reader.actor)[-1]
        if not last.active:
            yield from _look_at_end(socket, last, history, welcomed=socket.epoch == epoch)

    def told(reader: Reader) -> Iterator[str | None]:
        if _is_gone(reader, history.now.epoch, truths) and reader.name not in history.over:
            yield f"+{reader.name} was never told that it was deactivated"

    def all_of_them() -> Iterator[str | None]:
        for incarnation in history.incarnations:
            for socket in history.sockets:
                yield from look(socket, incarnation.epoch)
        for reader in history.readers.values():
            yield from told(reader)

    return verdict(all_of_them())


def _look_at_end(
    socket: Socket, last: Right, history: History, *, welcomed: bool
) -> Iterator[str | None]:
    """Whether a socket ended as it had to, if this was the last right of its agent."""
    where = f"{socket.client} at {socket.process} since {socket.opened_at:.3f}"
    if socket.opened_at >= last.at:
        yield f"{where}: was welcomed, after {last.at:.3f}" if welcomed else None
        return
    heard = history.heard.get((socket.process, last.event))
    if heard is not None and heard.at <= socket.ended_at:
        until = latest(history, socket.process, heard.at, SHUTS_S, SHUTS_S)
        yield f"{where}: is open after {until:.3f}" if socket.ended_at > until else None


def only_who_is_gone_is_shut_out(history: History) -> Verdict:
    """Who is told not to come again was erased or deactivated, under some epoch."""
    truths = Truths(history)
    erased = {(each.log, each.visitor) for each in history.erased}

    def has_gone(reader: Reader) -> bool:
        if reader.role == "visitor":
            return (reader.log, reader.actor) in erased
        return any(_is_gone(reader, each.epoch, truths) for each in history.incarnations)

    readers = (history.readers[name] for name in sorted(history.over))
    return verdict(
        None if has_gone(reader) else f"{reader.name} was told not to come again"
        for reader in readers
    )


def conversations_end_for_a_reason(history: History) -> Verdict:
    """Who is told that a conversation is gone, or not to be found, could not read it at a moment.

    Between asking and being told so, by a right that it then had. Not judged where a restore came
    between the two.
    """
    truths = Truths(history)

    def look(each: Subscription) -> str | None:
        reader = history.readers[each.client]
        assert each.epoch is not None
        truth = truths.of(each.epoch, reader.log)
        if each.ended_at >= truth.ended or not _could_read_always(each, reader, truth):
            return None
        where = f"{each.client} {each.feed} at {each.ended_at:.3f}"
        return f"{where}: is {each.ended}, and could be read all the time"

    ends = (each for each in history.subscriptions if each.ended in {"gone", "not found"})
    return verdict(look(each) for each in ends if each.epoch is not None)


def _could_read_always(each: Subscription, reader: Reader, truth: Truth) -> bool:
    """Whether a conversation was there and this reader's, from the asking to the end."""
    events = truth.feed(each.feed)
    there = bisect_right(events, each.asked_at, key=attrgetter("at"))
    if not there:
        return False
    if reader.role == "visitor":
        return events[0].event.actor.id == reader.actor
    rights = truth.rights(reader.actor)
    known = bisect_right(rights, each.socket.opened_at, key=attrgetter("at"))
    places = [one.event.metadata.after for one in events[there - 1 :] if one.at <= each.ended_at]
    had = [right for right in rights[max(0, known - 1) :] if right.at <= each.ended_at]
    return all(right.reads(place) for right in had for place in places)


def _is_gone(reader: Reader, epoch: str, truths: Truths) -> bool:
    """Whether an agent is deactivated as an epoch has it in the end."""
    rights = truths.of(epoch, reader.log).rights(reader.actor) if reader.role == "agent" else []
    return bool(rights) and not rights[-1].active
