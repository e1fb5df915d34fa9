"""``parley settings``: what holds now, and under which names it is set."""

from __future__ import annotations

from typing import Any

import click

from ops.commands.common import Command, say_columns, settings_of
from ops.settings import Settings
from ops.settings_entries import Entry, entries, shown


@click.command(cls=Command)
@click.pass_context
def settings(context: click.Context) -> None:
    """Print every setting, its value, and its environment variable."""
    chosen = settings_of(context)
    rows = [[each.key, _value(chosen, each), each.variable] for each in entries()]
    say_columns([["setting", "value", "variable"], *rows])


def _value(chosen: Settings, entry: Entry) -> str:
    value: Any = chosen
    for name in entry.path:
        value = getattr(value, name)
    if entry.secret:
        return "(set)" if value else "-"
    return shown(value) or "-"
