"""What an unfinished export says of itself, in a file beside it, so that another may go on."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import msgspec
from msgspec import Struct

from ops.errors import CannotRun
from ops.files import remove_file, replace_file, unnamed
from projections.exports.pieces import Wanted
from projections.exports.records import SCHEMA, Stand, Totals


class State(Struct, frozen=True, kw_only=True):
    """Where an export is: all up to the conversation ``upto`` is in the first ``sizes`` bytes.

    ``whole``: everything is written, and only the files' names are missing. ``overwrite``: it was
    begun to replace what has these names.
    """

    schema: int = SCHEMA
    log: UUID
    format: str
    wanted: Wanted
    stand: Stand
    upto: str = ""
    sizes: list[int] = []
    totals: Totals = Totals()
    whole: bool = False
    overwrite: bool = False


def read(path: Path) -> State | None:
    """The state in a file; None where there is none. Raises CannotRun for one that is no state."""
    try:
        state = msgspec.json.decode(path.read_bytes(), type=State)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CannotRun(f"{path} cannot be read: {error.strerror}.") from error
    except (msgspec.MsgspecError, UnicodeError):
        state = None
    if state is None or state.schema != SCHEMA:
        raise CannotRun(f"{path} is no state of an export that this program can go on with.")
    return state


def write(path: Path, state: State) -> None:
    """Keep a state, whole or not at all. Raises CannotRun."""
    replace_file(path, msgspec.json.format(msgspec.json.encode(state)) + b"\n")


def forget(path: Path) -> None:
    """The export is done. Nobody else writes its state, so what the killed have left goes too."""
    remove_file(path)
    for left in unnamed(path):
        remove_file(left)
