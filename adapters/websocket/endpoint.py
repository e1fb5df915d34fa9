"""The endpoint: Starlette's sockets on one side, connections on the other, and nothing else.

No exception leaves it, so that a socket never ends with 1011.
"""

from __future__ import annotations

import logging
from collections import Counter, deque
from operator import itemgetter

from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from adapters.websocket.answers import WAY
from adapters.websocket.connection import Connection
from adapters.websocket.node import Node, Transport, Wire
from domain import figures
from domain.origins import network_address, own_page, same_host

_logger = logging.getLogger("parley.socket")

SUBPROTOCOL = "parley.v1"

WIRE = "parley.wire"
"""The extension of a scope by which the server gives the socket itself (``ops/wire.py``)."""

OVERLOADED, TOO_MANY = 1013, 4429
"""The close codes of those for whom there is no place."""

LOOK_S = 0.05
"""Seconds between two looks at how far the end of all sockets is."""


class Sockets:
    """All sockets of a node: two ASGI endpoints, a tick, and the drain."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.visitor = Endpoint(self, "visitor")
        self.agent = Endpoint(self, "agent")
        self.draining = False
        self._open: set[Connection] = set()
        self._addresses: Counter[str] = Counter()
        self._roles: Counter[tuple[str, ...]] = Counter({("visitor",): 0, ("agent",): 0})
        self._be_seen()

    def _be_seen(self) -> None:
        """What alarms when it rises is there before it does: a rise from nothing is not seen."""
        measures = self.node.telemetry.measures
        measures.read(figures.CONNECTIONS, lambda: self._roles)
        for code in ("busy", "internal", "unavailable"):
            measures.count(figures.REFUSALS, WAY, code, amount=0)
        for close in (OVERLOADED, TOO_MANY):
            measures.count(figures.SOCKETS_CLOSED, str(close), amount=0)

    async def run(self) -> None:
        """Tick for ever: cover open ranges, end what has expired."""
        while True:
            await self.node.clock.sleep(self.node.settings.coalesce_s)
            self.node.hub.tick()

    async def leave(self, reason: str, spread_s: float) -> None:
        """Ask every client to come back, each at a moment of its own, and end its socket then.

        For a node whose clients others take: until its moment a socket is served as ever. One that
        waits for answers then is left to :meth:`drain`.
        """
        now = self.node.clock.monotonic()
        told = self._tell(reason, spread_s)
        moments = deque(
            sorted(((now + after_s, each) for after_s, each in told), key=itemgetter(0))
        )
        while moments and self._open:
            while moments and moments[0][0] <= self.node.clock.monotonic():
                _, connection = moments.popleft()
                if not connection.busy:
                    connection.close(1012, reason)
            await self.node.clock.sleep(LOOK_S)

    async def drain(self, reason: str, spread_s: float, deadline_s: float) -> None:
        """Close all sockets; clients not asked yet are asked to come back, over ``spread_s``.

        Answers that are due are waited for, ``deadline_s`` at most.
        """
        if not self.draining:
            self._tell(reason, spread_s)
        end = self.node.clock.monotonic() + deadline_s
        while self._still_busy() and self.node.clock.monotonic() < end:
            await self.node.clock.sleep(LOOK_S)
        self.send_away(reason)
        while self._open and self.node.clock.monotonic() < end:
            await self.node.clock.sleep(LOOK_S)

    def _tell(self, reason: str, spread_s: float) -> list[tuple[float, Connection]]:
        """Take no more sockets, and tell those that are open after how many seconds to be back."""
        self.draining = True
        told = [(self.node.ids.uniform() * spread_s, connection) for connection in self._open]
        for after_s, connection in told:
            connection.go_away(reason, int(after_s * 1000))
        return told

    def send_away(self, reason: str) -> None:
        """End every socket; its client comes back and says how far it is."""
        for connection in list(self._open):
            connection.close(1012, reason)

    def _still_busy(self) -> bool:
        return any(connection.busy for connection in self._open)

    def refusal(self, address: str) -> tuple[int, str] | None:
        """Why a new socket from this address is not taken, as a close code; None: it is."""
        settings = self.node.settings
        if self.draining:
            return 1012, "restarting"
        if len(self._open) >= settings.connections:
            return OVERLOADED, "too many connections on this node"
        if settings.limits_enabled and self._addresses[address] >= settings.connections_per_address:
            return TOO_MANY, "too many connections from this address"
        return None

    async def serve(self, connection: Connection, address: str) -> None:
        """Run a connection, counted."""
        role: tuple[str, ...] = (connection.actor.role,)
        self._open.add(connection)
        self._addresses[address] += 1
        self._roles[role] += 1
        try:
            await connection.run()
        finally:
            self._open.discard(connection)
            self._roles[role] -= 1
            self._addresses[address] -= 1
            if not self._addresses[address]:
                del self._addresses[address]


class Endpoint:
    """``/ws/visitor`` or ``/ws/agent``."""

    def __init__(self, sockets: Sockets, role: str) -> None:
        self._sockets = sockets
        self._role = role

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One socket, from accept to its end."""
        socket = WebSocket(scope, receive, send)
        try:
            await self._serve(socket)
        except WebSocketDisconnect:
            return
        except Exception:
            _logger.exception("a socket failed")
            await _close(socket, OVERLOADED, "something went wrong here")

    async def _serve(self, socket: WebSocket) -> None:
        offered = socket.scope.get("subprotocols") or ()
        await socket.accept(SUBPROTOCOL if SUBPROTOCOL in offered else None)
        address = network_address(socket.client.host if socket.client else "")
        refusal = self._sockets.refusal(address)
        public_url = self._sockets.node.settings.public_url
        if refusal is None and self._role == "agent" and not _same_host(socket, public_url):
            refusal = 4403, "agents' sockets are opened by this site's own pages only"
        if refusal is not None:
            measures = self._sockets.node.telemetry.measures
            measures.count(figures.SOCKETS_CLOSED, str(refusal[0]))
            await _close(socket, *refusal)
            return
        connection = Connection(self._sockets.node, _transport(socket, public_url), self._role)
        await self._sockets.serve(connection, address)


def _same_host(socket: WebSocket, public_url: str) -> bool:
    """Whether the page, if it is one, comes from where the socket goes."""
    headers = socket.headers
    return same_host(headers.get("origin"), headers.get("host", ""), public_url)


def _transport(socket: WebSocket, public_url: str) -> Transport:
    # A page of ours, such as a site's chat as a page of its own, is on no site's list.
    origin = socket.headers.get("origin")
    own = own_page(origin, socket.headers.get("host", ""), public_url)

    async def close(code: int, reason: str) -> None:
        await _close(socket, code, reason)

    wire: Wire = socket.scope["extensions"][WIRE]
    return Transport(wire, close, None if own else origin)


async def _close(socket: WebSocket, code: int, reason: str) -> None:
    try:
        await socket.close(code, reason)
    except (WebSocketDisconnect, RuntimeError, OSError):
        return  # it is closed already
