"""What the bridge needs of the product: one tenant's log, opened by the composition root."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from msgspec import Struct

from domain.envelope import RecordedEvent
from domain.ports import Clock, EventStore, Ids
from projections.ports import LabelCipher, ReadModels


class OpenLog(Struct, frozen=True):
    """A tenant's log and the ports on it. Used on the event loop that opened it, nowhere else.

    ``form`` is what followers are told of an event's data, as values that JSON has.
    """

    id: UUID
    store: EventStore
    read_models: ReadModels
    cipher: LabelCipher
    clock: Clock
    ids: Ids
    form: Callable[[RecordedEvent], Any]
