"""The commands of one socket on their way, and the answers that they get."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from adapters.websocket import frames
from adapters.websocket.budget import Budget
from adapters.websocket.node import Node
from adapters.websocket.session import Submit
from domain.errors import EventDamaged, Refused, StoreUnavailable
from domain.handling.commands import Ack
from domain.handling.sender import RETRY_AFTER_MS, Sender

_logger = logging.getLogger("parley.socket")


class Answers:
    """Hands commands on and writes their answers; says when the socket may be read on."""

    def __init__(self, node: Node, sender: Sender, send: Callable[[str], None]) -> None:
        settings = node.settings
        self._node = node
        self._sender = sender
        self._send = send
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
        future = self._node.handler.submit(self._sender, effect.command)
        future.add_done_callback(lambda done: self._answer(effect.id, size, done))

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

    def _answer(self, command: str, size: int, future: asyncio.Future[Ack]) -> None:
        self._give(size)
        if future.cancelled():
            self._send(frames.write_error(refusal(StoreUnavailable()), command))
            return
        error = future.exception()
        if error is None:
            self._send(self._ack(command, future.result()))
        else:
            self._send(frames.write_error(refusal(error), command))

    def _ack(self, command: str, ack: Ack) -> str:
        return frames.write(
            "ack",
            id=command,
            conversation=ack.conversation,
            version=ack.version,
            position=ack.position if self._sender.actor.role == "agent" else None,
            duplicate=ack.duplicate or None,
            unchanged=ack.unchanged or None,
        )


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
