"""A hub that is told of slices in order, as a node's tail tells it."""

from __future__ import annotations

from adapters.websocket.hub import Hub
from domain.envelope import Slice


def tell(hub: Hub, committed: Slice) -> None:
    """Tell all of a slice that is the next of its log."""
    hub.tell_streams(committed)
    hub.tell_log(committed)
