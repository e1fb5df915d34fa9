"""The files of an export: under a temporary name until they are whole, and cut back where not.

What is on the disk up to a checkpoint stays; what came after it, a half record or a half block of
gzip, is cut off by whoever goes on. Compressed, each checkpoint ends a gzip member of its own: many
members are one file to everybody who reads gzip.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from ops.errors import CannotRun
from ops.files import OURS, sync_names

GZIP = ".gz"
PART = ".part"

LEVEL = 6
"""Of compression: gzip's own choice, a third of the size for a third of the speed."""

_GZIP_FORMAT = 31
"""What zlib calls the format of gzip, with its largest window."""


def names(target: Path, suffix: str, tables: Sequence[str]) -> list[Path]:
    """Where the tables go: ``a.csv.gz`` is ``a-messages.csv.gz`` for the table ``messages``."""
    ends = GZIP if target.name.endswith(GZIP) else ""
    stem = target.name.removesuffix(GZIP)
    ends, stem = (suffix if stem.endswith(suffix) else "") + ends, stem.removesuffix(suffix)
    return [target.with_name(f"{stem}-{table}{ends}") if table else target for table in tables]


class ExportFile:
    """One file, written under its temporary name. Raises CannotRun where the disk does not let it.

    Nobody else writes it meanwhile.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.part = path.with_name(path.name + PART)
        self._compresses = path.name.endswith(GZIP)
        self._file: BinaryIO | None = None
        self._member: zlib._Compress | None = None  # zlib names the type of its objects nowhere

    def begin(self) -> None:
        """Begin anew, whatever there was."""
        with self._told():
            self._file = self._locked()
            self._file.truncate(0)
            if self._compresses:  # nothing at all is a member too: no bytes would be no gzip
                self._member = _member()

    def go_on(self, size: int) -> None:
        """Go on after the first ``size`` bytes, which a checkpoint has vouched for."""
        with self._told():
            self._file = self._locked()
            there = self._file.seek(0, os.SEEK_END)
            if there < size or not self._ends_whole(size):
                raise CannotRun(
                    f"{self.part} is not what the unfinished export left; --overwrite begins anew."
                )
            self._file.truncate(size)
            self._file.seek(size)

    def write(self, raw: bytes) -> None:
        """Add these bytes."""
        if not raw:
            return
        with self._told():
            if self._compresses:
                self._member = self._member or _member()
                raw = self._member.compress(raw)
            self._opened.write(raw)

    def checkpoint(self) -> int:
        """Have all of it on the disk; how many bytes that is."""
        with self._told():
            if self._member is not None:
                self._opened.write(self._member.flush())
                self._member = None
            self._opened.flush()
            os.fsync(self._opened.fileno())
            return self._opened.tell()

    def finish(self) -> None:
        """Give it its name. Done again, it does nothing more."""
        with self._told():
            if self.part.exists():
                self.part.rename(self.path)
                sync_names(self.path.parent)
            self.close()

    def close(self) -> None:
        """Let go of it, as it is. What counts was made sure; what is left over need not fit."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None

    @property
    def _opened(self) -> BinaryIO:
        assert self._file is not None
        return self._file

    def _locked(self) -> BinaryIO:
        """The temporary file, ours alone; whoever is killed lets go of it."""
        descriptor = os.open(self.part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OURS)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise CannotRun(f"Another export is writing {self.path} right now.") from None
        return os.fdopen(descriptor, "r+b")

    def _ends_whole(self, size: int) -> bool:
        """Whether a record ends there; a compressed one only shows that on reading."""
        if size == 0 or self._compresses:
            return True
        self._opened.seek(size - 1)
        return self._opened.read(1) == b"\n"

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise CannotRun(f"{self.part} cannot be written: {error.strerror}.") from error


def _member() -> zlib._Compress:
    return zlib.compressobj(LEVEL, wbits=_GZIP_FORMAT)
