"""A source of conversations that are made and not read: the same for ever, as slow as one likes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from domain.envelope import Actor
from domain.errors import Refused
from projections.exports.pieces import Piece, Wanted
from projections.exports.records import Chunk, Conversation, Message, Stand
from tests.doubles.appends import uuid
from tests.doubles.memory_store import at_once

LOG = uuid(1)
BEGUN = datetime(2026, 1, 1, tzinfo=UTC)


class MadeSource:
    """So many conversations of some messages; every seventh comes in parts, every fifth is erased.

    ``pause`` is awaited before every piece. ``history``: which one the log has. ``asked`` is what
    was wanted. ``none``: there are no views yet.
    """

    def __init__(self, count: int, pause: Callable[[], Awaitable[None]] = at_once) -> None:
        self.conversations = count
        self.pause = pause
        self.history = "0123456789abcdef"
        self.position = 4711
        self.asked: list[Wanted] = []
        self.none = False

    async def stand(self, log: UUID) -> Stand:
        if self.none:
            raise Refused("not_caught_up")
        return Stand("demo", self.position, self.history, BEGUN, 2)

    async def holds(self, log: UUID, stand: Stand) -> bool:
        return stand.mark == self.history

    async def count(self, log: UUID, position: int, wanted: Wanted) -> int:
        return self.conversations

    async def pieces(
        self, log: UUID, position: int, wanted: Wanted, after: str = ""
    ) -> AsyncGenerator[Piece, None]:
        self.asked.append(wanted)
        for number in range(1, self.conversations + 1):
            name = str(uuid(number))
            if name <= after:
                continue
            await self.pause()
            conversation, said = _conversation(number), _messages(number)
            if number % 7:
                yield Piece([Chunk(conversation, said)], name)
                continue
            yield Piece([Chunk(conversation, said[:1], ends=False)], None)
            await self.pause()
            yield Piece([Chunk(None, said[1:], ends=False)], None)
            await self.pause()
            yield Piece([Chunk(None)], name)


def chunks_of(*numbers: int) -> list[Chunk]:
    """Conversations of these numbers, each whole."""
    return [Chunk(_conversation(number), _messages(number)) for number in numbers]


def _conversation(number: int) -> Conversation:
    status = "open" if number % 5 else "erased"
    begun = BEGUN + timedelta(minutes=number)
    return Conversation(
        id=str(uuid(number)),
        visitor=str(uuid(1000 + number)),
        visitor_name=f"Visitor {number}",
        status=status,
        assignee=None,
        assignee_name=None,
        department="sales",
        tags=("vip", f"tag {number}"),
        site="site",
        page="https://shop.example/",
        started_at=begun,
        last_at=begun,
        rating=None,
        comment=None,
        version=number,
        version_mark="00" * 8,
        reads={},
        visitor_read=0,
    )


def _messages(number: int) -> list[Message]:
    sender = Actor("visitor", str(uuid(1000 + number)), f"Visitor {number}")
    return [
        Message(
            version=n,
            position=100 * number + n,
            id=str(uuid(100_000 + 100 * number + n)),
            at=BEGUN,
            kind="message",
            sender=sender,
            text=f"text {n}\nof {number}",
            file=None,
            erased=False,
            damaged=False,
        )
        for n in range(1, 2 + number % 4)
    ]
