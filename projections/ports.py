"""What projections need of the outside, as roles.

``adapters.postgres`` implements them; the tests of this room have twins.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol
from uuid import UUID

from domain.checkpoints import NOTHING, Checkpoint
from domain.ports import Transaction

__all__ = ["NOTHING", "Checkpoint", "Projecting", "ReadModels"]


class Projecting(Transaction, Protocol):
    """A transaction in which a projection's rows and its checkpoint move together."""

    async def move_checkpoint(
        self, projection: str, log: UUID, was: Checkpoint, to: Checkpoint
    ) -> bool:
        """Compare and set. False: somebody else moved it; nothing of this may be committed."""

    async def generations(self, name: str) -> int:
        """How often other tables have become this projection's live ones.

        Asked after the checkpoint was moved it is good until the commit.
        """


class ReadModels(Protocol):
    """The tables of the read models, and who has come how far.

    Every method, entering and leaving the transactions too, raises StoreUnavailable while the
    store is away. A transaction that is left by an error or a cancellation did not happen.
    """

    async def checkpoints(self, projection: str) -> dict[UUID, Checkpoint]:
        """How far this projection has come, for every log that it has begun."""

    async def checkpoint(self, projection: str, log: UUID) -> Checkpoint:
        """How far this projection has come in this log; ``NOTHING`` where it never ran."""

    def projecting(self, log: UUID) -> AbstractAsyncContextManager[Projecting]:
        """A transaction of the projector's role on this log's rows, committed on leaving."""

    def reading(self, log: UUID) -> AbstractAsyncContextManager[Transaction]:
        """A transaction of the node's role that sees this log's rows and nobody else's."""


Labels = Sequence[tuple[str, bytes]]
"""Labels with the subject under whose key each is."""


class LabelCipher(Protocol):
    """Encryption of what read models know of people, under the subjects' own keys.

    ``purpose`` names the read model's column, so that a label can stand nowhere else. All raise
    StoreUnavailable while a key cannot be asked for.
    """

    async def encrypt(self, log: UUID, purpose: str, labels: Labels) -> list[bytes | None]:
        """Encrypt each; None where the subject was erased, or its key is damaged."""

    async def decrypt(self, log: UUID, purpose: str, labels: Labels) -> list[bytes | None]:
        """Decrypt each; None where the subject was erased or the label does not decrypt."""

    async def digests(self, log: UUID, purpose: str, texts: Sequence[str]) -> list[bytes]:
        """Blind digests under the tenant's key: equal for equal texts, telling nothing else."""
