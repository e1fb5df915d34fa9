"""Small files that must be whole or not there: keys and credentials above all."""

from __future__ import annotations

import contextlib
import glob
import os
from pathlib import Path

from ops.errors import CannotRun

OURS = 0o600
EVERYBODYS = 0o644
"""Who may read a file: only we, or everybody, whatever our umask."""


def make_directory(path: Path) -> None:
    """Make a directory of ours, where it is missing."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CannotRun(f"{path} cannot be made: {error.strerror}.") from error


def replace_file(
    path: Path, content: bytes, *, mode: int = OURS, keep_existing: bool = False
) -> None:
    """Write a file so that a crash leaves the old one or the new one.

    With ``keep_existing`` one that is there already stays, whoever made it.
    """
    written = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        written.unlink(missing_ok=True)
        descriptor = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OURS)
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, mode)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        _give_name(written, path, keep_existing=keep_existing)
        sync_names(path.parent)
    except OSError as error:
        raise CannotRun(f"{path} cannot be written: {error.strerror}.") from error


def remove_file(path: Path) -> None:
    """Remove a file, if it is there."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise CannotRun(f"{path} cannot be removed: {error.strerror}.") from error


def unnamed(path: Path) -> list[Path]:
    """What those have left who were killed while they wrote the file, or are writing it now."""
    return list(path.parent.glob(f".{glob.escape(path.name)}.*"))


def _give_name(written: Path, path: Path, *, keep_existing: bool) -> None:
    if not keep_existing:
        written.rename(path)
        return
    try:
        with contextlib.suppress(FileExistsError):
            os.link(written, path)
    finally:
        written.unlink()


def sync_names(directory: Path) -> None:
    """Have the names in a directory on the disk."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
