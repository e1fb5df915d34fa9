"""Figures, kept beside what they were measured on, so that a long run can be gone on with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

Numbers = list[float]
FIGURES = "figures.json"


class Figures:
    """What was measured in a directory, by name; each at once on the disk."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / FIGURES
        self._known: dict[str, Numbers] = {}
        if self._path.exists():
            self._known = msgspec.json.decode(self._path.read_bytes(), type=dict[str, Numbers])

    def __getitem__(self, name: str) -> Numbers:
        """Raises KeyError where it was not measured."""
        return self._known[name]

    def __contains__(self, name: str) -> bool:
        return name in self._known

    def names(self, start: str) -> list[str]:
        """Of the figures that begin so, in the order in which they were measured."""
        return [name for name in self._known if name.startswith(start)]

    def keep(self, name: str, numbers: Numbers) -> None:
        """Keep a figure; a file that is half written is never read."""
        self._known[name] = numbers
        half = self._path.with_suffix(".half")
        half.write_bytes(msgspec.json.format(msgspec.json.encode(self._known)))
        half.replace(self._path)

    async def once(self, name: str, measure: Callable[[], Awaitable[Numbers]]) -> Numbers:
        """The figure: from before, or measured now."""
        if name not in self._known:
            self.keep(name, await measure())
        return self._known[name]
