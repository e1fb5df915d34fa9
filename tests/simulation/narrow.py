"""The limits of a scenario's nodes: narrow, and others in each, so that they are met at all."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from adapters.websocket.settings import SocketSettings
from brokers.settings import RelaySettings, TailSettings
from domain.handling.commands import HandlingLimits
from projections.projector import ProjectorSettings
from tests.simulation.surroundings import NodeSettings

SNAPSHOT_EVENTS = 4
"""So few that every node that is started again begins at one that another has left."""


def narrow(chance: Random) -> NodeSettings:
    """Limits that this scenario's traffic may reach. Times are mostly the product's own."""
    return NodeSettings(
        sockets=replace(
            SocketSettings(),
            commands_in_flight=chance.choice((2, 8)),
            commands_lease=5,
            queue_bytes=chance.choice((1_500, 6_000, 64_000)),
            send_frame_bytes=chance.choice((600, 2_000, 16_000)),
            page_events=chance.choice((3, 10, 256)),
            buffer_bytes=chance.choice((800, 4_000, 64_000)),
            concurrent_reads=chance.choice((1, 4)),
        ),
        handling=HandlingLimits(
            round_commands=chance.choice((1, 4, 64)), attempts=12, snapshot_events=SNAPSHOT_EVENTS
        ),
        tail=replace(
            TailSettings(),
            held_events=chance.choice((6, 40, 8_192)),
            page_events=chance.choice((3, 256)),
            concurrent_reads=chance.choice((1, 8)),
        ),
        relay=replace(
            RelaySettings(),
            backoff_s=1.0,
            slice_events=chance.choice((1, 3, 256)),
            window_slices=chance.choice((1, 3, 32)),
        ),
        projector=replace(
            ProjectorSettings(), backoff_s=1.0, recent_events=chance.choice((0, 8, 5_000))
        ),
        batch_commands=chance.choice((1, 3, 256)),
        queue_commands=chance.choice((40, 8_192)),
        projected_events=chance.choice((3, 500)),
    )
