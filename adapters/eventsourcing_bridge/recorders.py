"""The library's recorders on a tenant's log: synchronous, thin, and safe to use from many threads.

What they do stands in the modules beside; here it only gets the library's signatures.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    Notification,
    ProcessRecorder,
    StoredEvent,
    Tracking,
    TrackingRecorder,
)

from adapters.eventsourcing_bridge import appending, reading
from adapters.eventsourcing_bridge.background import Background
from adapters.eventsourcing_bridge.opened import OpenLog
from adapters.eventsourcing_bridge.sequences import EVENTS, Row, rows_of, streams_of
from adapters.eventsourcing_bridge.subscription import Bell, ParleySubscription
from adapters.eventsourcing_bridge.tracking import (
    insert_checkpoint,
    max_checkpoint,
    max_recorded,
    row_of,
)
from domain.envelope import Actor


class ParleyAggregateRecorder(AggregateRecorder):
    """Sequences of one purpose. ``name`` is the application's, and the actor's in the log."""

    def __init__(self, background: Background, name: str, purpose: str = EVENTS) -> None:
        self._background = background
        self._actor = Actor("external", name)
        self._purpose = purpose

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        self._insert(stored_events, **kwargs)
        return None

    def _insert(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> list[int]:
        """Record them after what else belongs to the insertion: the positions of both."""

        async def ask(log: OpenLog) -> list[int]:
            first = await self._first_rows(log, **kwargs)
            rows = await rows_of(log, self._purpose, stored_events)
            positions = await appending.insert(log, self._actor, [*first, *rows])
            return positions[len(first) :]

        return self._background.call(ask)

    async def _first_rows(self, log: OpenLog, **kwargs: Any) -> list[Row]:  # noqa: ARG002 - a hook
        """What is recorded with the events, by the library's further arguments."""
        return []

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        async def ask(log: OpenLog) -> list[StoredEvent]:
            names = await streams_of(log, self._purpose, [originator_id])
            span = reading.Span(gt, lte, desc, limit)
            return await reading.select_events(log, names[originator_id], span)

        return self._background.call(ask)


class ParleyApplicationRecorder(ParleyAggregateRecorder, ApplicationRecorder):
    """The whole log: notification ids are its positions. Parley's own events are in it, too."""

    def __init__(self, background: Background, name: str) -> None:
        super().__init__(background, name)
        self._bell = Bell()

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        positions = self._insert(stored_events, **kwargs)
        self._bell.ring()
        return positions

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        first = 1 if start is None else start if inclusive_of_start else start + 1
        after = max(0, first - 1)
        return self._background.call(
            lambda log: reading.select_notifications(log, after, limit, stop, topics)
        )

    def max_notification_id(self) -> int | None:
        return self._background.call(reading.max_notification_id)

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> ParleySubscription:
        def read(after: int) -> reading.Told:
            return self._background.call(lambda log: reading.read_notifications(log, after, topics))

        return ParleySubscription(self, read, self._bell, gt, topics)


class ParleyTrackingRecorder(TrackingRecorder):
    """How far a read model has come. ``name`` is the read model's."""

    def __init__(self, background: Background, name: str) -> None:
        self._background = background
        self._name = name

    def insert_tracking(self, tracking: Tracking) -> None:
        self._background.call(lambda log: insert_checkpoint(log, self._name, tracking))

    def max_tracking_id(self, application_name: str) -> int | None:
        return self._background.call(lambda log: max_checkpoint(log, self._name, application_name))


class ParleyProcessRecorder(ParleyApplicationRecorder, ProcessRecorder):
    """An application that follows others: what it records and how far it has come are one.

    ``insert_events`` takes the library's ``tracking``.
    """

    def insert_tracking(self, tracking: Tracking) -> None:
        self._insert([], tracking=tracking)

    def max_tracking_id(self, application_name: str) -> int | None:
        return self._background.call(
            lambda log: max_recorded(log, self._actor.id, application_name)
        )

    async def _first_rows(self, log: OpenLog, **kwargs: Any) -> list[Row]:
        tracking: Tracking | None = kwargs.get("tracking")
        return [] if tracking is None else [await row_of(log, self._actor.id, tracking)]
