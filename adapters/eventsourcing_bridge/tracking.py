"""How far followers have come, by two ways for two needs.

A read model's place is a checkpoint: a row that is overwritten, moved by compare-and-set. A
process's place must move together with the events that it records, and so is an event beside
them, in a sequence whose versions are the notification ids.
"""

from __future__ import annotations

from eventsourcing.persistence import DataError, IntegrityError, Tracking

from adapters.eventsourcing_bridge.opened import OpenLog
from adapters.eventsourcing_bridge.patience import patiently
from adapters.eventsourcing_bridge.sequences import Row, last_of, streams_of
from domain.external.events import ExternalRecorded
from projections.ports import NOTHING, Checkpoint

PURPOSE = "tracking"
TOPIC = "tracking"


async def insert_checkpoint(log: OpenLog, name: str, tracking: Tracking) -> None:
    """Move a read model's place. Raises IntegrityError unless it moves on, and DataError.

    Not repeated by itself: after an unknown outcome a second try could not tell its own first.
    """
    if tracking.notification_id <= 0:
        raise DataError("notification ids begin at 1")
    projection = _projection(name, tracking.application_name)
    was = await log.read_models.checkpoint(projection, log.id)
    to = Checkpoint(tracking.notification_id, b"")
    if to.position <= was.position:
        raise IntegrityError(f"{projection} is at {was.position}, so not at {to.position} again")
    async with log.read_models.projecting(log.id) as transaction:
        moved = await transaction.move_checkpoint(projection, log.id, was, to)
    if not moved:
        raise IntegrityError(f"{projection} was moved by somebody else")


async def max_checkpoint(log: OpenLog, name: str, application_name: str) -> int | None:
    """A read model's place, None before its first."""
    projection = _projection(name, application_name)
    found = await patiently(log, lambda: log.read_models.checkpoint(projection, log.id))
    return None if found == NOTHING else found.position


def _projection(name: str, application_name: str) -> str:
    return f"eventsourcing:{name}/{application_name}"


async def row_of(log: OpenLog, name: str, tracking: Tracking) -> Row:
    """A process's place, as the row that is inserted before its events."""
    originator = f"{name}/{tracking.application_name}"
    names = await streams_of(log, PURPOSE, [originator])
    data = ExternalRecorded(originator, tracking.notification_id, TOPIC, b"", text_id=True)
    return Row(names[originator], data)


async def max_recorded(log: OpenLog, name: str, application_name: str) -> int | None:
    """A process's place, None before its first."""
    originator = f"{name}/{application_name}"
    names = await streams_of(log, PURPOSE, [originator])
    lasts = await last_of(log, [names[originator]])
    return lasts[names[originator]].originator_version
