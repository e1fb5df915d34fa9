"""Where settings come from: the command line before the environment before a TOML file.

Nothing else in the product looks at any of them. What is unknown is warned of; what is known and
cannot be is refused with a sentence that names it the way the operator wrote it.
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Callable, Iterator, Mapping
from math import inf, isfinite
from pathlib import Path
from typing import Any, get_origin

from msgspec import structs

from domain.rate_limits import Rate
from ops.errors import BadSetting, CannotRun
from ops.settings import Settings, master_keys_of, roles_of
from ops.settings_entries import CONFIG, PREFIX, Entry, entries, groups, is_shared

NOT_OURS = ("PARLEY_TEST_",)
"""Beginnings of variables that belong to the tests."""

DEFAULT_DATA = "PARLEY_DEFAULT_DATA"
"""No setting: where ./dev has the data of its checkout lie when no setting says."""

LARGEST = 2**31 - 1
"""The largest number that a setting may be: more, and the system or PostgreSQL would refuse it."""

_WORDS = {"true": True, "yes": True, "on": True, "1": True}
_BOOLEAN = _WORDS | {"false": False, "no": False, "off": False, "0": False}

Given = dict[tuple[str, ...], tuple[str, Any]]
"""By a setting's path: how the operator wrote its name, and its value."""


def load(
    environment: Mapping[str, str], chosen: Mapping[str, Any] | None = None
) -> tuple[Settings, list[str]]:
    """The settings, and warnings for the operator.

    ``chosen`` are those of the command line, already of the right type, by their key; among them
    may be ``config``, the TOML file.

    Raises:
        CannotRun: a value is refused, or the file cannot be read.
    """
    given: Given = {}
    if environment.get(DEFAULT_DATA):
        given["data",] = (DEFAULT_DATA, Path(environment[DEFAULT_DATA]))
    warnings: list[str] = []
    options = dict(chosen or {})
    config = options.pop("config", None) or environment.get(CONFIG)
    if config:
        _from_file(Path(config), given, warnings)
    _from_environment(environment, given, warnings)
    given |= {(name,): (f"--{name}", value) for name, value in options.items()}
    return _build(given), warnings


def _from_environment(environment: Mapping[str, str], given: Given, warnings: list[str]) -> None:
    known = {each.variable: each for each in entries()}
    for name, text in environment.items():
        if not name.startswith(PREFIX) or name.startswith(NOT_OURS):
            continue
        if name in (CONFIG, DEFAULT_DATA):
            continue
        if name not in known:
            warnings.append(f"The environment variable {name} is unknown and has no effect.")
            continue
        if text == "" and known[name].key == "data" and environment.get(DEFAULT_DATA):
            given["data",] = (name, Path(environment[DEFAULT_DATA]))
            continue
        given[known[name].path] = (name, _from_text(known[name], name, text))


def _from_file(path: Path, given: Given, warnings: list[str]) -> None:
    known = {each.path: each for each in entries()}
    try:
        form = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CannotRun(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise CannotRun(f"{path} is not a TOML file: {error}.") from error
    for place, value in _leaves(form, ()):
        where = f"{'.'.join(place)} in {path}"
        if place not in known:
            warnings.append(f"The setting {where} is unknown and has no effect.")
            continue
        given[place] = (where, _from_value(known[place], where, value))


def _leaves(
    table: Mapping[str, Any], above: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, value in table.items():
        place = (*above, name)
        if isinstance(value, dict):
            yield from _leaves(value, place)
        else:
            yield place, value


# --- values ---------------------------------------------------------------------------------


def _from_text(entry: Entry, where: str, text: str) -> Any:
    """A value as it stands in the environment. An empty one is the default."""
    if text == "":
        return entry.default
    if entry.key in _PARSERS:
        return _parsed(entry, where, text)
    if entry.kind is Rate:
        return _rate(entry, where, text)
    if get_origin(entry.kind) is tuple:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if entry.kind is bool:
        if text.lower() not in _BOOLEAN:
            raise BadSetting(where, f"is neither true nor false: {text!r}")
        return _BOOLEAN[text.lower()]
    return _number(entry, where, text) if entry.kind in (int, float) else entry.kind(text)


def _from_value(entry: Entry, where: str, value: Any) -> Any:
    """A value as it stands in the file, where it has a type."""
    texts = [value] if isinstance(value, str) else value
    if _is_list(entry) and isinstance(texts, list) and all(isinstance(t, str) for t in texts):
        return _from_text(entry, where, ",".join(texts))
    if entry.kind is bool and isinstance(value, bool):
        return value
    if entry.kind in (int, float) and isinstance(value, int | float) and value is not True:
        return _number(entry, where, value)
    if entry.kind in (str, Path) and isinstance(value, str):
        return entry.kind(value)
    if entry.kind is Rate and isinstance(value, str):
        return _rate(entry, where, value)
    raise BadSetting(where, f"is not {_KINDS.get(entry.kind, 'a list of texts')}")


def _is_list(entry: Entry) -> bool:
    return get_origin(entry.kind) in (tuple, frozenset)


_KINDS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text",
    Path: "a text",
    Rate: 'a rate such as "20,400"',
}

_PARSERS: dict[str, Callable[[str], Any]] = {"master_key": master_keys_of, "roles": roles_of}


def _parsed(entry: Entry, where: str, text: str) -> Any:
    try:
        return _PARSERS[entry.key](text)
    except ValueError as error:
        # The value is a secret, and is not repeated.
        raise BadSetting(where, "cannot be read: 32 bytes in base64 or hex are needed") from error


def _rate(entry: Entry, where: str, text: str) -> Rate:
    """``20,400``: 20 a second on average, 400 at once."""
    try:
        per_second, burst = text.split(",")
        rate: Rate = structs.replace(entry.default, per_second=float(per_second), burst=int(burst))
    except ValueError as error:
        raise BadSetting(where, f"is no rate such as 20,400: {text!r}") from error
    if not (0 < rate.per_second < inf and rate.burst > 0):
        raise BadSetting(where, f"is no rate such as 20,400: {text!r}")
    return rate


def _number(entry: Entry, where: str, value: Any) -> int | float:
    try:
        number: int | float = entry.kind(value)
        whole = isfinite(number) and number == float(value)
    except ValueError as error:
        raise BadSetting(where, f"is not {_KINDS[entry.kind]}: {value!r}") from error
    except OverflowError as error:
        raise BadSetting(where, "is far too large") from error
    if not whole:
        raise BadSetting(where, f"is not {_KINDS[entry.kind]}: {value!r}")
    _demand_within(entry, where, number)
    return number


def _demand_within(entry: Entry, where: str, number: float) -> None:
    most = LARGEST if entry.most is None else entry.most
    if entry.least is None and not number > 0:
        raise BadSetting(where, f"must be more than 0: {number}")
    if number < (entry.least or 0) or number > most:
        least = "more than 0" if entry.least is None else f"at least {entry.least:g}"
        raise BadSetting(where, f"must be {least} and at most {most:.10g}: {number}")


# --- putting together -----------------------------------------------------------------------


def _build(given: Given) -> Settings:
    own = {path[0]: value for path, (_, value) in given.items() if len(path) == 1}
    try:
        settings = Settings(**own)
        parts = {name: _group(name, cls, settings, given) for name, cls in groups().items()}
        return Settings(**own, **parts)
    except BadSetting as error:
        where = given.get(tuple(error.where.split(".")))
        if where is None:
            raise
        raise BadSetting(where[0], str(error).removeprefix(error.where).strip(" .")) from error


def _group(name: str, cls: type, settings: Settings, given: Given) -> Any:
    values = {path[1]: value for path, (_, value) in given.items() if path[:-1] == (name,)}
    shared = {
        each.name: getattr(settings, each.name)
        for each in dataclasses.fields(cls)
        if is_shared(each.name)
    }
    # Where the process has no opinion, the room's own default holds.
    return cls(**values, **{name: value for name, value in shared.items() if value is not None})
