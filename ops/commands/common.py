"""What all commands share: where their settings come from, and how they reach the log."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
import uvloop

from ops import logs
from ops.core import Core, existing, joined_database, opened
from ops.operator import Operator, passwords_of
from ops.settings import Settings
from ops.settings_source import load

T = TypeVar("T")

CHOSEN = "parley.chosen"

SENTENCE = 200
"""Characters of what a list says of a command: a whole sentence, on two lines where it must be."""

HELP = ["-h", "--help"]
"""What asks for help. Said to each command too: click keeps the option that it made first, which
may be while one is run by itself."""

Progress = Callable[[int], None]
"""Is told how far something is."""


class Place(click.Path):
    """A file or directory. An empty text is a variable that was not set, not where we stand."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("must not be empty", param, ctx)
        return super().convert(value, param, ctx)


class Command(click.Command):
    """A command that takes ``--data`` and ``--config`` among its own options."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.context_settings.setdefault("help_option_names", HELP)
        self.params.extend(_shared_options())

    def get_short_help_str(self, limit: int = SENTENCE) -> str:  # noqa: ARG002  # as click calls it
        return super().get_short_help_str(SENTENCE)


class Group(click.Group):
    """A group of commands, which takes them too: before a command's name or behind it."""

    command_class = Command
    group_class = type

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.context_settings.setdefault("help_option_names", HELP)
        self.params.extend(_shared_options())

    def get_short_help_str(self, limit: int = SENTENCE) -> str:  # noqa: ARG002  # as click calls it
        return super().get_short_help_str(SENTENCE)


def _shared_options() -> list[click.Option]:
    return [
        click.Option(
            ["--data"],
            type=Place(path_type=Path),
            expose_value=False,
            callback=_remember,
            help="Directory of the product's data (.parley).",
        ),
        click.Option(
            ["--config"],
            type=Place(path_type=Path),
            expose_value=False,
            callback=_remember,
            help="TOML file with settings.",
        ),
    ]


def _remember(context: click.Context, option: click.Parameter, value: Path | None) -> None:
    """Keep what was given, wherever it stood; the last one holds."""
    if value is not None and option.name is not None:
        context.meta.setdefault(CHOSEN, {})[option.name] = value


def settings_of(context: click.Context, **chosen: Any) -> Settings:
    """The settings for this command; ``chosen`` are its own options (None: not given)."""
    settings, warnings = load_settings(context, **chosen)
    logs.configure(settings.log_level, settings.log_format)
    for warning in warnings:
        click.echo(f"parley: {warning}", err=True)
    return settings


def load_settings(context: click.Context, **chosen: Any) -> tuple[Settings, list[str]]:
    """The settings, and what the operator is to be warned of."""
    given = {name: value for name, value in chosen.items() if value is not None}
    return load(os.environ, {**context.meta.get(CHOSEN, {}), **given})


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's work on the product's own kind of event loop."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


@contextlib.asynccontextmanager
async def core_of(settings: Settings) -> AsyncIterator[Core]:
    """The log beside a running product, or of a stopped one."""
    logs.quieter()
    async with joined_database(settings) as url, opened(settings, url) as core:
        yield core


@contextlib.asynccontextmanager
async def reading_core_of(settings: Settings) -> AsyncIterator[Core]:
    """The same, for commands that change nothing."""
    async with reading_database(settings) as url, existing(settings, url) as core:
        yield core


@contextlib.asynccontextmanager
async def reading_database(settings: Settings) -> AsyncIterator[str]:
    """The URL of a database that is there. Raises CannotRun where none is."""
    logs.quieter()
    async with joined_database(settings, make=False) as url:
        yield url


@contextlib.asynccontextmanager
async def operator_of(settings: Settings) -> AsyncIterator[Operator]:
    """The operator's commands on that log."""
    with passwords_of(settings) as passwords:
        async with core_of(settings) as core:
            yield Operator(core, passwords)


# --- output ---------------------------------------------------------------------------------


def say_json(form: Any) -> None:
    """One JSON value on a line of its own."""
    click.echo(json.dumps(form, ensure_ascii=False))


def say_pairs(pairs: Iterable[tuple[str, object]]) -> None:
    """Names and values, in two columns."""
    listed = list(pairs)
    width = max(len(name) for name, _ in listed)
    for name, value in listed:
        click.echo(f"{name.ljust(width)}  {_said(value)}")


def _said(value: object) -> str:
    """A value as people write it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "-"
    return "-" if value is None else str(value)


def say_columns(rows: Sequence[Sequence[str]]) -> None:
    """Rows, each column as wide as its widest cell."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo(line.rstrip())


@contextlib.contextmanager
def progress_bar(length: int, label: str, *, shown: bool) -> Iterator[Progress | None]:
    """Something to call with how far it is, on stderr; None where nobody watches."""
    if not shown:
        yield None
    elif not sys.stderr.isatty():
        yield lambda position: click.echo(f"{label} {position} of {length}", err=True)
    else:
        with click.progressbar(range(length), label=label, file=sys.stderr) as bar:
            yield lambda position: bar.update(position - bar.pos)


def wants_progress(*, asked: bool) -> bool:
    """Whether somebody watches: a terminal, or asked for."""
    return asked or sys.stderr.isatty()
