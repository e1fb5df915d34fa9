"""The port to presence: who is there, at whichever node. Nothing of it is stored in a log.

A person is present from its first socket on until a while (the grace) after its last, so that a
page that loads anew is no coming and going. A node says again and again which sockets it has. Where
more than one node is told of them, those of a node that has stopped to say so are gone after a
while too.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, Protocol
from uuid import UUID

from msgspec import Struct

Role = Literal["visitor", "agent"]


class Person(Struct, frozen=True):
    """A visitor or an agent of a tenant, by its log."""

    log: UUID
    role: Role
    id: str


Seat = tuple[Person, UUID]
"""A person's socket, by the socket's id."""


@dataclass(frozen=True)
class PresenceSettings:
    """When somebody counts as present."""

    grace_s: float = 10.0
    """Seconds after a person's last socket until it is gone: a page loads, a network stumbles."""

    ttl_s: float = 30.0
    """Seconds after which sockets of a node that says no more of them are gone: it was killed."""

    beat_s: float = 10.0
    """Seconds after which a node says of a socket again that it is there; a third of that time."""

    look_s: float = 0.5
    """Seconds between two looks at who came and went: how late others hear of it."""

    batch: int = 250
    """People in one question; Redis answers it in about a millisecond and does nothing else."""

    kept: int = 50_000
    """People kept in mind after their last socket; beyond that the first are gone at once."""


class Listed(Struct, frozen=True):
    """A part of a tenant's people who are present: their ids, sorted, and how many all are."""

    ids: list[str]
    total: int


LISTED = 1_000
"""People of one part at most: some 40 kB, which Redis gathers in less than a millisecond."""


class Presences(Protocol):
    """Who is present. Batches are bounded by whoever asks."""

    @property
    def knows_all(self) -> bool:
        """Whether who is not present by this is gone: every node has said what sockets it has."""

    async def arrive(self, seats: Collection[Seat]) -> set[Person]:
        """These sockets are there, or there still.

        The answer is who was absent until now. Whose grace was over was, named as gone or not:
        to be told twice that somebody is there does no harm.
        """

    async def leave(self, seats: Collection[Seat]) -> None:
        """These sockets are gone."""

    async def departed(self) -> set[Person]:
        """Some who have become absent. Each is named once, to one node of all that ask."""

    async def present(self, people: Collection[Person]) -> set[Person]:
        """Which of these people are present."""

    async def listed(self, log: UUID, role: Role, after: str = "", limit: int = LISTED) -> Listed:
        """Who of a tenant is present: those whose ids come after this one, in order."""
