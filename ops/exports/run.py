"""One export from its first byte to its last, or from where another was cut off.

It is done in steps: pieces are written, and now and then a checkpoint says up to where all is on
the disk. A kill between two of them costs what was written since.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.ports import Clock
from ops.errors import CannotRun
from ops.exports import state
from ops.exports.files import PART, ExportFile, names
from ops.exports.state import State
from ops.pace import Told
from projections.exports.formats import FORMATS, Writer
from projections.exports.pieces import Piece, Source, Wanted
from projections.exports.records import Stand, Totals, counted

CHECKPOINT_S = 2.0
"""Seconds after which what is written is made sure: so much a kill costs, and a sync is nothing."""


class Wish(Struct, frozen=True):
    """What is to be exported, where to, and what of an earlier one may be touched."""

    log: UUID
    format: str
    target: Path
    wanted: Wanted = Wanted()
    resume: bool = False
    overwrite: bool = False


class Done(Struct, frozen=True):
    """What an export came to."""

    stand: Stand
    totals: Totals
    files: list[Path]


class Export:
    """An export under way. ``state`` is what was last made sure."""

    def __init__(self, source: Source, clock: Clock, wish: Wish) -> None:
        self._source = source
        self._clock = clock
        self._wish = wish
        self._format = FORMATS[wish.format]
        self._state_path = wish.target.with_name(wish.target.name + PART + ".json")

    async def prepare(self) -> State:
        """Where it begins. Raises CannotRun for what stands in the way, and Refused."""
        wish = self._wish
        left = None if wish.overwrite else state.read(self._state_path)
        self._demand_room(left)
        if left is None:
            stand = await self._source.stand(wish.log)
            return State(
                log=wish.log,
                format=wish.format,
                wanted=wish.wanted,
                stand=stand,
                overwrite=wish.overwrite,
            )
        if (left.log, left.format, left.wanted) != (wish.log, wish.format, wish.wanted):
            raise CannotRun(
                f"The unfinished export in {wish.target} is of other conversations or in another"
                " format: give the same options, or --overwrite."
            )
        if not await self._source.holds(wish.log, left.stand):
            raise CannotRun(
                "The log has another history than the unfinished export was begun on;"
                " --overwrite begins anew."
            )
        return left

    async def count(self, begun: State) -> int:
        """About how many conversations there will be."""
        return await self._source.count(begun.log, begun.stand.position, begun.wanted)

    async def run(self, begun: State, told: Told | None = None) -> Done:
        """Write everything. Raises CannotRun, Refused, StoreError; what is made sure stays."""
        writer = self._format.writer(begun.stand)
        files = self._files()
        with contextlib.ExitStack() as stack:
            for file in files:
                stack.callback(file.close)
            last = begun
            if not begun.whole:
                last = await self._write(_Writing(writer, files, self._state_path), begun, told)
            for file in files:
                file.finish()
        state.forget(self._state_path)
        return Done(last.stand, last.totals, [file.path for file in files])

    async def _write(self, writing: _Writing, begun: State, told: Told | None) -> State:
        writing.open(begun)
        now, made_sure = begun, self._clock.monotonic()
        pieces = self._source.pieces(begun.log, begun.stand.position, begun.wanted, begun.upto)
        async with contextlib.aclosing(pieces):
            async for piece in pieces:
                now = writing.add(now, piece)
                if told is not None:
                    told(now.totals.conversations)
                late = self._clock.monotonic() - made_sure >= CHECKPOINT_S
                if late and piece.upto is not None:
                    now, made_sure = writing.make_sure(now), self._clock.monotonic()
        return writing.end(now)

    def _files(self) -> list[ExportFile]:
        paths = names(self._wish.target, self._format.suffix, self._format.tables)
        return [ExportFile(path) for path in paths]

    def _demand_room(self, left: State | None) -> None:
        """Refuse to touch what is there, unless that was asked for."""
        if self._wish.overwrite:
            return
        files = self._files()
        begun = left is not None or any(file.part.exists() for file in files)
        if begun and not self._wish.resume:
            raise CannotRun(
                f"An unfinished export to {self._wish.target} is there: --resume goes on with it,"
                " --overwrite begins anew."
            )
        there = [file.path for file in files if file.path.exists()]
        if there and (left is None or not (left.whole or left.overwrite)):
            raise CannotRun(f"{there[0]} is there already; --overwrite replaces it.")


class _Writing:
    """A writer on its files."""

    def __init__(self, writer: Writer, files: list[ExportFile], state_path: Path) -> None:
        self._writer = writer
        self._files = files
        self._state_path = state_path

    def open(self, begun: State) -> None:
        """Have the files as they were at the state."""
        if begun.sizes:
            for file, size in zip(self._files, begun.sizes, strict=True):
                file.go_on(size)
            return
        state.forget(self._state_path)
        for file, raw in zip(self._files, self._writer.begin(), strict=True):
            file.begin()
            file.write(raw)
        self.make_sure(begun)

    def add(self, now: State, piece: Piece) -> State:
        """Write a piece; where it is then, once that is made sure."""
        for file, raw in zip(self._files, self._writer.write(piece.chunks), strict=True):
            file.write(raw)
        totals = counted(now.totals, piece.chunks, piece.unreadable)
        return replace(now, upto=piece.upto or now.upto, totals=totals)

    def make_sure(self, now: State) -> State:
        """Have all on the disk, and then the state that says so."""
        sure = replace(now, sizes=[file.checkpoint() for file in self._files])
        state.write(self._state_path, sure)
        return sure

    def end(self, now: State) -> State:
        """Write what comes after everything."""
        for file, raw in zip(self._files, self._writer.end(now.totals), strict=True):
            file.write(raw)
        return self.make_sure(replace(now, whole=True))
