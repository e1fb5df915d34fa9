"""What operators and projectors tell each other about projections, over the database.

An operator's command runs beside the product, perhaps on another machine: it can neither call a
projector nor ask it. Here stands what it wants of projectors and what they have to say of
themselves. Nothing here is needed to fold anything.
"""

from __future__ import annotations

from typing import Literal, Protocol
from uuid import UUID

from msgspec import Struct


class Control(Struct, frozen=True):
    """What is wanted of one projection, whatever its version."""

    paused: bool = False


class Trouble(Struct, frozen=True):
    """Why a projection does not get on in a log. ``reason`` quotes nothing that people wrote."""

    state: Literal["failing", "stopped"]
    reason: str


Place = tuple[str, UUID]
"""A projection's identifier, and a log."""


class Controls(Protocol):
    """Where that stands. All raise StoreUnavailable."""

    async def controls(self) -> dict[str, Control]:
        """What is wanted, by the projection's name; those without a wish may be left out."""

    async def troubles(self) -> dict[Place, Trouble]:
        """What projectors have told, those that run no more included."""

    async def tell(self, place: Place, trouble: Trouble | None) -> None:
        """Say how it is there now; None: it follows."""

    async def forget_erased(self) -> list[str]:
        """Throw away what beside the live tables has what was erased in them since; what it was.

        What somebody builds just now is left to that: it comes to the erasure by itself.
        """


class NoControls:
    """:class:`Controls` where nobody operates: nothing is ever paused."""

    async def controls(self) -> dict[str, Control]:
        return {}

    async def troubles(self) -> dict[Place, Trouble]:
        return {}

    async def tell(self, place: Place, trouble: Trouble | None) -> None:
        pass

    async def forget_erased(self) -> list[str]:
        return []
