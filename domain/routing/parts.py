"""What routers are made with. It does nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from domain.handling.commands import CommandHandler
from domain.passing import Passing
from domain.ports import Clock, EventStore
from domain.routing.ports import Offices
from domain.telemetry import Measures


@dataclass(frozen=True)
class RouterParts:
    """What routers need."""

    store: EventStore
    handler: CommandHandler
    offices: Offices
    clock: Clock
    pass_on: Callable[[Passing], None]
    measures: Measures
