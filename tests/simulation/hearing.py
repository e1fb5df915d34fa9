"""What a process goes by: the rights that a frame may have been judged by when it was sent. Pure.

A change of rights holds for a process from when it was told of it. Before that it may go by what
was before, and that is all the slack there is: as long as an event may take to every node by
``docs/guarantees.md``, and longer only while the process stands still or cannot reach the store.
"""

from __future__ import annotations

from collections.abc import Sequence

from tests.simulation.history import History, Moment, Socket
from tests.simulation.sight import Right

HEARS_S = 1.0
"""Seconds in which a process that reaches the store hears of a commit: by its own hand or the
broker at once, else at its next look at the heads, half a second later at most; then it reads what
is missing, which narrow limits make many small pages."""

HEARS_AGAIN_S = 2.0 + HEARS_S
"""The same from when it did not reach the store: after failures it looks after two seconds."""

SHUTS_S = 1.01
"""Seconds for which a socket that is being closed may still take what was sent to it before: the
product gives a slow one a second."""


def rights_of_a_frame(
    rights: Sequence[Right], socket: Socket, sent: Moment, history: History
) -> Sequence[Right]:
    """Those of an agent's rights, in their order, that this frame may have been judged by.

    From the last one that the process must have gone by, to the last one there was.
    """
    first = last = 0
    for place, right in enumerate(rights):
        if right.at > sent.at:
            break
        last = place
        if _is_known(right, socket, sent, history):
            first = place
    return rights[first : last + 1]


def _is_known(right: Right, socket: Socket, sent: Moment, history: History) -> bool:
    """Whether a process must go by this right at a socket by then.

    It reads it when the socket comes; it is told; or it was to be told by now.
    """
    if right.at <= socket.opened_at:
        return True
    heard = history.heard.get((socket.process, right.event))
    if heard is not None and heard < sent:
        return True
    return sent.at > latest(history, socket.process, right.at, HEARS_S, HEARS_AGAIN_S)


def latest(history: History, process: str, since: float, usual_s: float, again_s: float) -> float:
    """Until when a process may take for something that takes it so long usually.

    ``again_s`` counts from each hindrance that came before it was done.
    """
    until = since + usual_s
    for began, ended in history.hindered.get(process, ()):
        if began <= until and ended >= since:
            until = max(until, ended + again_s)
    return until
