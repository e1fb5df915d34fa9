"""The settings, as a list: what each is called and what it may be.

Made from the settings classes themselves, so that what is read, refused and documented cannot
differ from what is used. What is said of each stands in the source, which only the page about the
settings reads (``ops.settings_doc``): a program needs none to run.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from domain.rate_limits import Rate
from ops.settings import Settings

PREFIX = "PARLEY_"
CONFIG = "PARLEY_CONFIG"


@dataclass(frozen=True)
class Entry:
    """One setting. ``kind`` is its type without ``None``; ``least`` and ``most`` bound numbers."""

    path: tuple[str, ...]
    kind: Any
    default: Any
    secret: bool
    least: float | None
    most: float | None

    @property
    def variable(self) -> str:
        """Its environment variable."""
        return PREFIX + "_".join(self.path).upper()

    @property
    def key(self) -> str:
        """Its place in the TOML file."""
        return ".".join(self.path)


@cache
def entries() -> tuple[Entry, ...]:
    """Every setting, the process's own before those of the groups.

    A group's field that has the name of a setting of the process takes that one's value, and is
    no setting of its own. A rate is one setting: so many a second, so many at once.
    """
    own = [each for each in _fields(Settings, ()) if not is_group(each.kind)]
    grouped = [
        each
        for name, cls in groups().items()
        for each in _fields(cls, (name,))
        if not is_shared(each.path[1])
    ]
    return (*own, *grouped)


def is_shared(name: str) -> bool:
    """Whether a group's field of this name follows the process's own setting."""
    return hasattr(Settings, name) or name in Settings.__dataclass_fields__


@cache
def groups() -> dict[str, type]:
    """The settings classes of the rooms, by the name of their group."""
    hints = get_type_hints(Settings)
    return {name: kind for name, kind in hints.items() if is_group(kind)}


def is_group(kind: Any) -> bool:
    """Whether this is a settings class and not a value."""
    if not isinstance(kind, type) or kind is Rate:
        return False
    return dataclasses.is_dataclass(kind)


def _fields(cls: type, above: tuple[str, ...]) -> Iterator[Entry]:
    hints, default = get_type_hints(cls), cls()
    for each in dataclasses.fields(cls):
        yield Entry(
            (*above, each.name),
            _without_none(hints[each.name]),
            getattr(default, each.name),
            secret=not each.repr,
            least=each.metadata.get("least"),
            most=each.metadata.get("most"),
        )


def _without_none(kind: Any) -> Any:
    if get_origin(kind) is UnionType:
        (kind,) = (each for each in get_args(kind) if each is not NoneType)
    return kind


def shown(value: Any) -> str:
    """A value as an operator would write it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Rate):
        return f"{_number(value.per_second)},{value.burst}"
    if isinstance(value, frozenset | tuple):
        return ",".join(sorted(value) if isinstance(value, frozenset) else value)
    if isinstance(value, Path):
        return str(value)
    return _number(value) if isinstance(value, float) else str(value)


def _number(value: float) -> str:
    """A whole number with every digit, another one with as many as anybody reads."""
    return str(int(value)) if value.is_integer() else f"{value:g}"
