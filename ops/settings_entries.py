"""The settings, as a list: what each is called, what it may be, and what is said of it.

Made from the settings classes themselves, so that what is read, refused and documented cannot
differ from what is used.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import msgspec

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
    doc: str
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
    return dataclasses.is_dataclass(kind) or issubclass(kind, msgspec.Struct)


def field_names(cls: type) -> list[str]:
    """The names of a settings class's fields, in order."""
    if issubclass(cls, msgspec.Struct):
        return list(cls.__struct_fields__)
    return [each.name for each in dataclasses.fields(cls)]  # type: ignore[arg-type]  # it is one


def _fields(cls: type, above: tuple[str, ...]) -> Iterator[Entry]:
    hints, docs, default = get_type_hints(cls), _docs(cls), cls()
    described = {}
    if dataclasses.is_dataclass(cls):
        described = {each.name: each for each in dataclasses.fields(cls)}
    for name in field_names(cls):
        described_as = described.get(name)
        bounds = described_as.metadata if described_as else {}
        yield Entry(
            (*above, name),
            _without_none(hints[name]),
            getattr(default, name),
            docs.get(name, ""),
            secret=described_as is not None and not described_as.repr,
            least=bounds.get("least"),
            most=bounds.get("most"),
        )


def _without_none(kind: Any) -> Any:
    if get_origin(kind) is UnionType:
        (kind,) = (each for each in get_args(kind) if each is not NoneType)
    return kind


def _docs(cls: type) -> dict[str, str]:
    """What stands below each field in the source, or in the class's docstring as ```name``: …``."""
    described: dict[str, str] = {}
    for part in re.split(r"(?=``\w+``: )", cls.__doc__ or "")[1:]:
        name, _, text = part.partition(": ")
        described[name.strip("`")] = text[0].upper() + text[1:]
    source = textwrap.dedent(inspect.getsource(cls))
    (node,) = ast.parse(source).body
    assert isinstance(node, ast.ClassDef)
    for field, below in zip(node.body, node.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(below, ast.Expr):
            assert isinstance(field.target, ast.Name)
            described[field.target.id] = ast.literal_eval(below.value)
    return {name: " ".join(text.split()) for name, text in described.items()}


def shown(value: Any) -> str:
    """A value as an operator would write it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Rate):
        return f"{value.per_second:g},{value.burst}"
    if isinstance(value, frozenset | tuple):
        return ",".join(sorted(value) if isinstance(value, frozenset) else value)
    if isinstance(value, Path):
        return str(value)
    return f"{value:g}" if isinstance(value, float) else str(value)
