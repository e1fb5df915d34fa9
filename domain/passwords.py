"""The port to password hashing: slow on purpose, so it runs beside the event loop.

The hash is a text that names its own algorithm and cost; what it looks like is the adapter's.
"""

from __future__ import annotations

from typing import Protocol

MIN_PASSWORD = 10
"""Characters of a password that somebody chooses: what guessing online never gets through."""

MAX_PASSWORD = 1024
"""Characters of a password; hashing a longer one would be work for nothing."""


class PasswordHasher(Protocol):
    """Hashes and checks passwords. Raises Refused ``busy`` where too many wait already."""

    async def hash(self, password: str) -> str:
        """What to keep of a password."""

    async def verify(self, password: str, kept: str | None) -> bool:
        """Whether this is the password of which ``kept`` was kept.

        None stands for somebody who does not exist: False, after the same work as for one who
        does, so that the time it takes does not tell which addresses are known.
        """
