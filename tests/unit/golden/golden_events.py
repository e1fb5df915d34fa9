"""The form of a golden file: the stored bytes of one event version, and what they mean.

``stored`` (msgpack, in hex) is for ever. ``value`` is what the present program makes of it, every
field written out, so that a changed default is seen too; a new schema version changes ``value`` in
the files of the old ones, to what their upcasters give.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

DIRECTORY = Path(__file__).with_name("events")


class Sample(Struct, frozen=True):
    """One stored event in hex, and its value."""

    stored: str
    value: dict[str, Any]


class Golden(Struct, frozen=True):
    """The samples of one version of one event type."""

    type: str
    schema_version: int
    samples: tuple[Sample, ...]

    @property
    def path(self) -> Path:
        return path_of(self.type, self.schema_version)


def path_of(name: str, schema_version: int) -> Path:
    """Where the samples of this version lie."""
    return DIRECTORY / f"{name}.v{schema_version}.json"


def load() -> list[Golden]:
    """Every golden file."""
    paths = sorted(DIRECTORY.glob("*.json"))
    return [msgspec.json.decode(path.read_bytes(), type=Golden) for path in paths]


def written_out(value: Any) -> Any:
    """An event as JSON can say it, with every field, also those that have their default."""
    if isinstance(value, Struct):
        return {name: written_out(field) for name, field in asdict(value).items()}
    if isinstance(value, tuple | list):
        return [written_out(item) for item in value]
    if isinstance(value, dict):
        return {name: written_out(each) for name, each in value.items()}
    return value.hex() if isinstance(value, bytes) else value
