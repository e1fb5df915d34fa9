"""Looks at every queue of a node: how much waits in it, beside how much may."""

from __future__ import annotations

from collections import Counter

from tests.simulation.history import History
from tests.simulation.node import SimulatedNode

ANSWER_CHARACTERS = 512
"""What an answer takes at most, about: error texts are the longest."""

EVENT_CHARACTERS = 900
"""What an event takes at most, about: a long text, its ids and places."""


def look(node: SimulatedNode, history: History) -> None:
    """Note the sizes of a node's queues."""
    settings = node.around.settings
    _look_at_sockets(node, history)
    waiting = max((len(queue) for queue in node.commits._queues.values()), default=0)
    history.peak("group commit", waiting, settings.queue_commands)
    lanes = node.handler._lanes._lanes.values()
    longest = max((len(lane.waiting) for lane in lanes), default=0)
    history.peak("lane", longest, settings.handling.lane_commands)
    for followed in node.tail._logs.values():
        history.peak("tail, held", followed.order.held, settings.tail.held_events)
    unconfirmed = Counter(each.log for each in node.broker.unconfirmed.values())
    window = max(unconfirmed.values(), default=0)
    history.peak("relay, unconfirmed", window, settings.relay.window_slices)


def _look_at_sockets(node: SimulatedNode, history: History) -> None:
    settings = node.around.settings.sockets
    for connection in node.sockets._open:
        history.peak("socket, outgoing", connection._outgoing.size, _outgoing(node))
        history.peak("feeds of a socket", len(connection.feeds), settings.feeds)
        if connection._answers is not None:
            under_way = connection._answers._commands.used
            history.peak("socket, commands", under_way, settings.commands_in_flight)
        for feed in connection.feeds.values():
            history.peak("feed, kept", feed._buffered, settings.buffer_bytes)


def _outgoing(node: SimulatedNode) -> int:
    """Beyond ``queue_bytes`` a socket is given what it is owed, and at most one more slice."""
    settings, sockets = node.around.settings, node.around.settings.sockets
    owed = sockets.commands_in_flight * ANSWER_CHARACTERS
    slice_events = max(
        settings.tail.page_events, settings.relay.slice_events, settings.batch_commands
    )
    return sockets.queue_bytes + sockets.send_frame_bytes + owed + slice_events * EVENT_CHARACTERS
