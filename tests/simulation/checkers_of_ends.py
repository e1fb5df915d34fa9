"""Ends: who is nobody here any more is shut out, and nobody else is. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from tests.simulation.hearing import SHUTS_S, latest
from tests.simulation.history import History, Reader, Socket
from tests.simulation.sight import Right
from tests.simulation.truth import Truths
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


def _is_gone(reader: Reader, epoch: str, truths: Truths) -> bool:
    """Whether an agent is deactivated as an epoch has it in the end."""
    rights = truths.of(epoch, reader.log).rights(reader.actor) if reader.role == "agent" else []
    return bool(rights) and not rights[-1].active
