"""What the nodes of a scenario share: everything outside of them, and their limits."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from uuid import UUID

from adapters.websocket.settings import SocketSettings
from brokers.settings import RelaySettings, TailSettings
from domain.checkpoints import Checkpoint
from domain.handling.commands import HandlingLimits
from projections.projector import ProjectorSettings
from tests.simulation.broker import Exchange
from tests.simulation.clock import Dice
from tests.simulation.following import Sessions
from tests.simulation.read_models import Tables
from tests.simulation.recording import RecordedStore


@dataclass(frozen=True)
class NodeSettings:
    """All limits of a node; a scenario makes them narrow, so that they are reached."""

    sockets: SocketSettings = field(default_factory=SocketSettings)
    handling: HandlingLimits = field(default_factory=HandlingLimits)
    tail: TailSettings = field(default_factory=TailSettings)
    relay: RelaySettings = field(default_factory=RelaySettings)
    projector: ProjectorSettings = field(default_factory=ProjectorSettings)
    batch_commands: int = 256
    queue_commands: int = 8_192
    projected_events: int = 500


@dataclass
class Surroundings:
    """What nodes share: the outside."""

    store: RecordedStore
    exchange: Exchange
    dice: Dice
    settings: NodeSettings
    tables: Tables = field(default_factory=Tables)
    locks: dict[tuple[str, UUID], asyncio.Lock] = field(default_factory=dict)
    checkpoints: dict[UUID, Checkpoint] = field(default_factory=dict)
    relays: Sessions = field(default_factory=Sessions)
    projectors: Sessions = field(default_factory=Sessions)
    erased: set[tuple[UUID, str]] = field(default_factory=set)
