"""What stands in something that people wrote and is no field of what it was read as.

``msgspec`` passes over such fields, as it must where newer programs write what older ones read. Of
what a person sends, it is a slip that should be heard of.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct


def stray(given: Any, read: Struct) -> str | None:
    """The place (``when.pgae``) of the first field in ``given`` that ``read`` does not have."""
    return _stray(given, msgspec.to_builtins(read), "")


def _stray(given: Any, known: Any, place: str) -> str | None:
    if isinstance(given, dict) and isinstance(known, dict):
        for name, each in given.items():
            there = f"{place}.{name}" if place else str(name)
            found = there if name not in known else _stray(each, known[name], there)
            if found is not None:
                return found
    if isinstance(given, list) and isinstance(known, list | tuple):
        for number, (each, other) in enumerate(zip(given, known, strict=False)):
            found = _stray(each, other, f"{place}[{number}]")
            if found is not None:
                return found
    return None
