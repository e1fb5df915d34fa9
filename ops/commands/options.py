"""Options that many commands have, so that they are called and explained the same everywhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from typing import Any

import click

from domain.errors import Refused
from domain.moments import instant

TIME = "A time with its offset, or a date, which begins in the tenant's time zone."
"""What is said of a :class:`TimeText`."""


class TimeText(click.ParamType[str]):
    """A date or a time, as it is written: which moment it is, the tenant's zone says."""

    name = "time"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            instant(value, UTC)
        except Refused as refused:
            self.fail(str(refused), param, ctx)
        return value


tenant_option = click.option("--tenant", required=True, help="Whose: the tenant's name.")
json_option = click.option("--json", "as_json", is_flag=True, help="JSON.")


def demo_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The command with ``--demo`` and ``--sample``."""
    sample = click.option("--sample", is_flag=True, help="The same, with a believable week in it.")
    demo = click.option("--demo", is_flag=True, help="Make the tenant demo, and credentials.json.")
    return demo(sample(command))
