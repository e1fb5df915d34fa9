"""What a filter of a read model may be: no value holds a NUL, and PostgreSQL takes none."""

from __future__ import annotations

from collections.abc import Iterable

from domain.errors import Refused


def check(values: Iterable[str | None]) -> None:
    """Refuse what nothing can be equal to. Raises Refused ``bad_request``."""
    if any(value is not None and "\0" in value for value in values):
        raise Refused("bad_request", "A filter holds a character that no value has.")
