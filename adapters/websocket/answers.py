"""The commands of one socket on their way, and the answers that they get."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

from msgspec import Struct

from adapters.websocket import frames
from adapters.websocket.budget import Budget
from adapters.websocket.node import Node
from adapters.websocket.session import Submit, op_of
from domain import figures
from domain.errors import EventDamaged, Refused, StoreUnavailable
from domain.handling.commands import Ack
from domain.handling.sender import RETRY_AFTER_MS, Sender
from domain.permissions import AGENT
from domain.telemetry import SOCKET_COMMAND, Measures, Span

_logger = logging.getLogger("parley.socket")

WAY = "socket"
"""How refusals on a socket are told from those by HTTP, in the figures."""


class _Sent(Struct, frozen=True):
    """A command on its way. ``at`` is when its frame came, ``span`` its trace, if recorded."""

    id: str
    op: str
    size: int
    at: float
    span: Span | None


class Answers:
    """Hands commands on and writes their answers; says when the socket may be read on."""

    def __init__(self, node: Node, sender: Sender, send: Callable[[str], None]) -> None:
        settings = node.settings
        self._node = node
        self._sender = sender
        self._send = send
        self._positions = sender.actor.role == AGENT
        self._commands = Budget(settings.commands_in_flight)
        self._bytes = Budget(settings.command_bytes)
        self._pace = node.rates.pace_of(sender.log, sender.actor)

    @property
    def due(self) -> bool:
        """Whether answers are still due."""
        return self._commands.used > 0

    def submit(self, effect: Submit, size: int) -> None:
        """Hand a command on; its answer goes out when it is durable, or refused.

        ``size`` is what it takes while it is under way, in characters of its frame.
        """
        self._take(size)
        sent = self._sent(effect, size)
        trace = None if sent.span is None else sent.span.context
        self._node.handler.put(self._sender, effect.command, partial(self._answer, sent), trace)

    def take_turn(self) -> bool:
        """Whether one more command may be handed on at once, as after :meth:`room`."""
        few = self._commands.has_room and self._bytes.has_room
        if not few or not self._node.command_bytes.has_room:
            return False
        return self._pace is None or self._pace.take()

    async def room(self) -> None:
        """Wait until this socket, and all together, have few enough under way; keep the rate."""
        await self._commands.room()
        await self._bytes.room()
        await self._node.command_bytes.room()
        if self._pace is not None and not self._pace.take():
            await self._pace.wait()

    def _take(self, size: int) -> None:
        self._commands.take(1)
        self._bytes.take(size)
        self._node.command_bytes.take(size)

    def _give(self, size: int) -> None:
        self._commands.give(1)
        self._bytes.give(size)
        self._node.command_bytes.give(size)

    def _sent(self, effect: Submit, size: int) -> _Sent:
        op, telemetry = op_of(effect.command), self._node.telemetry
        span = telemetry.tracer.begin(SOCKET_COMMAND, op=op, role=self._sender.actor.role)
        return _Sent(effect.id, op, size, telemetry.clock.monotonic(), span)

    def _answer(self, sent: _Sent, answer: Ack | Refused) -> None:
        self._give(sent.size)
        if isinstance(answer, Refused):
            self._send(frames.write_error(answer, sent.id))
            self._measure(sent, "refused", answer.code)
        else:
            self._send(frames.write_ack(sent.id, answer, position=self._positions))
            self._measure(sent, _outcome(answer), None)

    def _measure(self, sent: _Sent, outcome: str, code: str | None) -> None:
        telemetry = self._node.telemetry
        telemetry.measures.count(figures.COMMANDS, sent.op, outcome)
        if code is None:
            seconds = telemetry.clock.monotonic() - sent.at
            telemetry.measures.observe(figures.ACK_SECONDS, seconds)
        else:
            count_refusal(telemetry.measures, code)
        if sent.span is not None:
            sent.span.end(code, outcome=outcome)


def _outcome(ack: Ack) -> str:
    if ack.duplicate:
        return "duplicate"
    return "unchanged" if ack.unchanged else "committed"


def count_refusal(measures: Measures, code: str) -> None:
    """Count what a socket was refused."""
    measures.count(figures.REFUSALS, WAY, code)


def refusal(error: BaseException) -> Refused:
    """What a client is told of an error."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, StoreUnavailable):
        return Refused("unavailable", retry_after_ms=RETRY_AFTER_MS)
    if isinstance(error, EventDamaged):
        return Refused("damaged")
    _logger.error("something went wrong for a client", exc_info=error)
    return Refused("internal")
