"""What keeps the private stack from being had; the text of each is one sentence for a person.

::

    CannotRun
    ├── ProgramsMissing     a server's programs are not on this machine
    ├── StackNotUsable      the directory cannot be used, or another command has it for too long
    ├── NeverStarted        there is no stack in this directory
    ├── PortTaken           another program listens where this stack has its address
    └── ServerNotUp         a server ended while it started, or does not answer
"""

from __future__ import annotations

from pathlib import Path

from ops.errors import CannotRun

LAST_LINES = 8
"""Lines of a server's log that are shown: the reason mostly stands in the last few."""

LAST_BYTES = 4096
"""Bytes of it that are looked at."""


class ProgramsMissing(CannotRun):
    """The programs of a server are not there."""

    def __init__(self, server: str, where: str, package: str) -> None:
        super().__init__(f"{server} was not found {where}; on Debian install {package}.")


class StackNotUsable(CannotRun):
    """The directory stands in the way."""

    def __init__(self, directory: Path, why: str) -> None:
        self.directory = directory
        super().__init__(f"{directory} {why}.")


class NeverStarted(CannotRun):
    """Nothing has chosen ports yet."""

    def __init__(self, directory: Path) -> None:
        super().__init__(f"There is no stack in {directory}; ./dev stack up starts one.")


class PortTaken(CannotRun):
    """The address that was given out is another program's now."""

    def __init__(self, port: int, server: str, kept_in: Path) -> None:
        self.port = port
        super().__init__(
            f"Port {port} of this stack's {server} is taken by another program: end that one, or "
            f"remove {kept_in} to have other ports and empty servers."
        )


class ServerNotUp(CannotRun):
    """A server did not come up. Its last words follow."""

    def __init__(self, what: str, log: Path) -> None:
        self.log = log
        super().__init__(f"{what}; {log} ends with:\n{last_lines(log)}")


def last_lines(log: Path) -> str:
    """The end of a log, indented, or why there is none."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - LAST_BYTES))
            lines = file.read().decode(errors="replace").splitlines()
    except OSError as error:
        return f"  ({error.strerror})"
    return "\n".join(f"  {line}" for line in lines[-LAST_LINES:]) or "  (nothing)"
