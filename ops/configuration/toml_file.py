"""The file: TOML, which people write, read and compare. What is wrong in it is said by its line."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import tomli_w

from domain.forms import stray
from ops.configuration.document import FORMAT, Configuration
from ops.errors import CannotRun

LONGEST = 4 * 1024 * 1024
"""Bytes of a file that is read: many times the configuration of anybody."""

HEADING = """\
# The configuration of {tenant} in Parley; `parley config import` brings it in, here or elsewhere.
# Secrets, passwords and API keys are not in it. What it does not name stays, but for --prune.

"""

Place = tuple[str | int, ...]
"""Where in a file something stands: ``("agents", 2, "role")``."""

_TABLE = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_-]+)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*["']?([A-Za-z0-9_-]+)["']?\s*=""")
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")


class Fault(CannotRun):
    """Something in a file is wrong: where, and what."""

    def __init__(self, place: Place, what: str) -> None:
        self.place = place
        self.what = what
        super().__init__(what)

    def told(self, path: Path, text: str) -> CannotRun:
        """The same as the operator is told of it, with the line."""
        line = line_of(text, self.place)
        where = f"{path}, line {line}" if line else f"{path}"
        return CannotRun(f"{where}: {self.what}")


def read(path: Path) -> str:
    """The text of a file. Raises CannotRun."""
    try:
        with path.open("rb") as file:
            raw = file.read(LONGEST + 1)
    except OSError as error:
        raise CannotRun(f"{path} cannot be read: {error.strerror}.") from error
    if len(raw) > LONGEST:
        raise CannotRun(f"{path} is too long for a configuration.")
    try:
        return raw.decode()
    except UnicodeError:
        raise CannotRun(f"{path} is not in UTF-8.") from None


def parse(path: Path, text: str) -> Configuration:
    """What a file says. Raises CannotRun with the line of what is wrong."""
    try:
        form = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise CannotRun(f"{path} is not a TOML file: {error}.") from error
    try:
        found = msgspec.convert(form, Configuration)
    except msgspec.ValidationError as error:
        raise _fault(str(error)).told(path, text) from None
    place = stray(form, found)
    if place is not None:
        raise Fault(_place(place), f"{place.rpartition('.')[2]!r} is unknown here.").told(
            path, text
        )
    if found.format != FORMAT:
        what = f"This program reads format {FORMAT}, not {found.format}."
        raise Fault(("format",), what).told(path, text)
    return found


def write(configuration: Configuration) -> str:
    """A configuration as a file's text: a table of its own for each thing, however short.

    What there is none of is not named, so that whoever edits the file may add one.
    """
    form = _without_none(msgspec.to_builtins(configuration))
    plain = {name: each for name, each in form.items() if not _tables(each) and each != []}
    tables = [_table(name, each, one) for name, each in form.items() for one in _tables(each)]
    heading = HEADING.format(tenant=configuration.tenant)
    return heading + "\n".join([tomli_w.dumps(plain), *tables])


def line_of(text: str, place: Place) -> int | None:
    """The line of a place, or of the table that it should be in; None where that is not written so.

    It looks at lines and not at TOML: good for the form that is written here, and for most others.
    """
    table, count = (str(place[0]), 0) if place else ("", 0)
    wanted = next((each for each in place if isinstance(each, int)), 0)
    key = str(place[-1]) if place and isinstance(place[-1], str) else ""
    within, found = "", None
    for number, line in enumerate(text.splitlines(), 1):
        heading = _TABLE.match(line)
        if heading is not None:
            name = heading[2]
            within = name if name != table or count == wanted else f"{name} {count}"
            count += name == table
            found = number if within == table else found
            continue
        assigned = _KEY.match(line)
        if (
            assigned is not None
            and assigned[1] == key
            and within == (table if len(place) > 1 else "")
        ):
            return number
    return found


def _fault(said: str) -> Fault:
    """What msgspec says of a value, as a fault at its place."""
    what, _, path = said.partition(" - at `$")
    place = _place(path)
    unknown = re.search(r"unknown field `([^`]*)`", what)
    if unknown is not None:
        return Fault((*place, unknown[1]), f"{unknown[1]!r} is unknown here.")
    missing = re.search(r"missing required field `([^`]*)`", what)
    if missing is not None:
        return Fault(place, f"{missing[1]!r} is missing.")
    return Fault(place, f"{what}.")


def _place(path: str) -> Place:
    """A place as it is written: ``.welcomes[0].when.page``."""
    return tuple(name or int(number) for name, number in _STEP.findall(f".{path.lstrip('.')}"))


def _tables(value: Any) -> list[dict[str, Any]]:
    """The tables that a value is made of."""
    if isinstance(value, dict):
        return [value]
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _table(name: str, whole: Any, table: dict[str, Any]) -> str:
    """One table under its heading."""
    text = tomli_w.dumps({name: table})
    return text if whole is table else text.replace(f"[{name}]", f"[[{name}]]", 1)


def _without_none(form: Any) -> Any:
    """TOML has no word for nothing: it is left out, and so is a table that has nothing else."""
    if isinstance(form, dict):
        kept = {name: _without_none(each) for name, each in form.items() if each is not None}
        return {name: each for name, each in kept.items() if each != {}}
    return [_without_none(each) for each in form] if isinstance(form, list | tuple) else form
