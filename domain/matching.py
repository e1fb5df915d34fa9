"""What must still be so of a value for a change of it to hold (RFC 9110, section 13).

Whoever changes a value has seen it at a version of its stream. Said with the change, and checked
where that is decided, it keeps the later of two from overwriting what it has not seen.
"""

from __future__ import annotations

from msgspec import Struct

from domain.errors import Refused


class Match(Struct, frozen=True, omit_defaults=True):
    """The value is at one of these versions; ``there``: at any; ``absent``: there is none."""

    versions: tuple[int, ...] = ()
    there: bool = False
    absent: bool = False

    def check(self, version: int | None) -> None:
        """Refuse the change of a value that was said last at this version; None: there is none."""
        if self.absent:
            holds = version is None
        else:
            holds = version is not None and (self.there or version in self.versions)
        if not holds:
            raise Refused("changed")
