"""uvicorn's two protocols, hardened: no client holds a place for ever, and none is told 1011.

1011 means "the server broke"; clients and proxies alarm on it, and uvicorn and websockets say it
for a lost ping or for an error of their own. Here such a socket gets 1001 (going away) or 1012
(try again), which a client answers by resuming from its offset.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from http import HTTPStatus
from typing import Any

import h11
from uvicorn._types import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope
from uvicorn.middleware.proxy_headers import _TrustedHosts
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol
from websockets.typing import StatusLike

from api import problems
from domain.errors import Refused
from domain.origins import network_address
from ops.settings import ServerSettings, Settings
from ops.wire import EXTENSION, Wire

_logger = logging.getLogger("parley.server")

INTERNAL_ERROR = 1011
GOING_AWAY = 1001
TRY_AGAIN = 1012
UNAVAILABLE = HTTPStatus.SERVICE_UNAVAILABLE

_NOT_HTTP = problems.respond(Refused("bad_request", "The request is not HTTP."), problems.CLOSE)
_BAD_REQUEST = b"".join(
    (
        b"HTTP/1.1 400 Bad Request\r\n",
        *(name + b": " + value + b"\r\n" for name, value in _NOT_HTTP.raw_headers),
        b"\r\n",
        _NOT_HTTP.body,
    )
)
"""What is said to rubbish, whichever layer met it."""

_REFUSALS = {403: "not_allowed", 404: "not_found", 503: "unavailable"}
"""The codes of refused upgrades; any other is a bad request."""


class Places:
    """The connections of a server, by network address: none takes more than its share.

    A trusted proxy brings everybody's connections over its own address, so its are not counted.
    """

    def __init__(self, settings: Settings) -> None:
        self._limits = settings.server
        self._limited = settings.limits_enabled
        self._proxies = _TrustedHosts(list(settings.trusted_proxies))
        self._taken: dict[asyncio.BaseTransport, str] = {}
        self._counts: Counter[str] = Counter()

    def take(self, transport: asyncio.BaseTransport) -> bool:
        """Count a connection; False where it is one too many."""
        peer = transport.get_extra_info("peername")
        host = str(peer[0]) if isinstance(peer, tuple) else ""
        address = "" if host in self._proxies else network_address(host)
        self._taken[transport] = address
        self._counts[address] += 1
        if len(self._taken) > self._limits.connections:
            return False
        if not address or not self._limited:
            return True
        return self._counts[address] <= self._limits.connections_per_address

    def leave(self, transport: asyncio.BaseTransport) -> None:
        """A connection has ended, of whichever kind it was by then."""
        address = self._taken.pop(transport, None)
        if address is not None:
            self._counts[address] -= 1
            if not self._counts[address]:
                del self._counts[address]


class HttpProtocol(H11Protocol):
    """An HTTP connection whose requests must come in time."""

    limits: ServerSettings
    places: Places

    _header_timer: asyncio.TimerHandle | None = None

    def connection_made(  # type: ignore[override]  # as uvicorn's own
        self, transport: asyncio.Transport
    ) -> None:
        super().connection_made(transport)
        if not self.places.take(transport):
            transport.abort()
            return
        self._await_header()

    def connection_lost(self, exc: Exception | None) -> None:
        self.places.leave(self.transport)
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._waits_for_header() and self._header_timer is None:
            self._await_header()

    def handle_events(self) -> None:
        super().handle_events()
        if not self._waits_for_header():
            self._stop_waiting()

    def _waits_for_header(self) -> bool:
        """Whether a request has begun, or is to begin, and its header is not complete."""
        return self.conn.their_state is h11.IDLE and self in self.connections

    def _await_header(self) -> None:
        self._header_timer = self.loop.call_later(self.limits.request_header_s, self._too_slow)

    def _stop_waiting(self) -> None:
        if self._header_timer is not None:
            self._header_timer.cancel()
            self._header_timer = None

    def _too_slow(self) -> None:
        self.transport.abort()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  # uvicorn's words
        """Answer rubbish, unless an answer to an earlier part of it is already on its way."""
        # uvicorn declares a cycle before the first request has made one.
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True
            cycle.message_event.set()
            if cycle.response_started:
                self.transport.abort()
                return
        self.transport.write(_BAD_REQUEST)
        self.transport.close()


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """A WebSocket connection that is cut when its client does not take the end of it.

    It began as an HTTP connection, whose place it has.
    """

    limits: ServerSettings
    places: Places

    wire: Wire | None = None
    _deaf = False
    _unread = False  # reading has been paused since the ping: its pong may be among what waits

    READ_AHEAD = 16
    """Messages read before they are asked for; beyond it reading pauses, and then the client."""

    READ_AHEAD_BYTES = 4 * 1024
    """Bytes of such a message, many times a chat's. Behind a larger one reading pauses at once, so
    that a socket that is not served keeps one of those and not sixteen."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.close_timeout = self.limits.close_s
        self.conn = Conversation(max_size=self.config.ws_max_size, logger=self.logger)
        self.app = _answering(self.app)

    def connection_lost(self, exc: Exception | None) -> None:
        self.places.leave(self.transport)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._deaf:
            return
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            # Not an upgrade after all. websockets only ends its side, which here closes nothing.
            self.handshake_initiated = True
            self.transport.write(_BAD_REQUEST)
            self.transport.close()

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == HTTPStatus.SWITCHING_PROTOCOLS:
            self.wire = Wire(self)
            extensions: dict[str, Any] = {**(self.scope["extensions"] or {}), EXTENSION: self.wire}
            self.scope["extensions"] = extensions

    def send_receive_event_to_app(self) -> None:
        """Hand a message on. uvicorn's own pauses after each, which is two system calls."""
        if self._is_heard():
            self.frames = []
            return
        small = sum(map(len, self.frames)) <= self.READ_AHEAD_BYTES
        paused, few = self.read_paused, small and self.queue.qsize() < self.READ_AHEAD
        self.read_paused = paused or few
        super().send_receive_event_to_app()
        if few:
            self.read_paused = paused
        self._unread = self._unread or self.read_paused

    def _is_heard(self) -> bool:
        """Whether whoever serves the socket has taken the text at once, without its turn."""
        hear = None if self.wire is None else self.wire.hear
        if hear is None or self.close_sent or self.curr_msg_data_type != "text":
            return False
        if self.queue.qsize():
            return False
        try:
            return hear(b"".join(self.frames).decode())
        except UnicodeDecodeError:
            return False

    def send_keepalive_ping(self) -> None:
        self._unread = self.read_paused
        super().send_keepalive_ping()

    def keepalive_timeout(self) -> None:
        """Cut a client that is silent; one that we do not read, but that reads us, gets more time.

        Whoever is slowed by the rate has its pongs behind its commands.
        """
        if self._unread and self.writable.is_set() and not self.close_sent:
            assert self.ping_timeout is not None
            self._unread = self.read_paused
            self.pong_timer = self.loop.call_later(self.ping_timeout, self.keepalive_timeout)
            return
        super().keepalive_timeout()
        self._cut_later()

    def eof_received(self) -> None:
        super().eof_received()
        self._cut_unless_read()

    def handle_close(self, event: Frame) -> None:
        super().handle_close(event)
        self._cut_unless_read()

    def handle_parser_exception(self) -> None:
        """Say why, and read on for a moment, to throw it away.

        A connection that is closed with input unread is reset, and the close code with it.
        """
        assert self.conn.close_sent is not None
        self.queue.put_nowait(
            {
                "type": "websocket.disconnect",
                "code": self.conn.close_sent.code,
                "reason": self.conn.close_sent.reason,
            }
        )
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = self._deaf = True
        self.transport.write_eof()
        self.transport.resume_reading()
        self._cut_later()

    async def send(self, message: Any) -> None:
        """Send; a close goes out even to a client that reads nothing, which is then cut."""
        if message["type"] == "websocket.close":
            self.writable.set()
            self._cut_later()
        await super().send(message)
        if self.initial_response is not None and self.close_sent:
            # Refused, which is an end of the handshake too; uvicorn would log each as an error.
            self.handshake_complete = True

    def _cut_unless_read(self) -> None:
        """The client ended it. No ping goes out any more that would find it dead."""
        if self.transport.get_write_buffer_size():
            self._cut_later()

    def _cut_later(self) -> None:
        """Closing waits for what was written to be read; a dead client never reads it."""
        self.loop.call_later(2 * self.limits.close_s, self.transport.abort)


class Conversation(ServerProtocol):
    """websockets' own protocol, without the one code that is never sent."""

    def fail(self, code: int, reason: str = "") -> None:
        super().fail(GOING_AWAY if code == INTERNAL_ERROR else code, reason)

    def reject(self, status: StatusLike, text: str) -> Response:
        """Refuse the upgrade; what uvicorn means by 500 is that a client should try again."""
        broke = status == HTTPStatus.INTERNAL_SERVER_ERROR
        response = super().reject(UNAVAILABLE if broke else status, text)
        code = _REFUSALS.get(response.status_code, "bad_request")
        problem = problems.respond(Refused(code, text or None))
        response.body = bytes(problem.body)
        for name in ("Content-Length", "Content-Type"):
            del response.headers[name]
            response.headers[name] = problem.headers[name]
        return response


def _answering(app: ASGI3Application) -> ASGI3Application:
    """The application, whose failure on an open socket closes that with TRY_AGAIN."""

    async def guarded(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        accepted = False

        async def watched(message: Any) -> None:
            nonlocal accepted
            accepted = accepted or message["type"] == "websocket.accept"
            await send(message)

        try:
            await app(scope, receive, watched)
        except ClientDisconnected:
            raise
        except Exception:
            _logger.exception("a socket's handler failed")
            if not accepted:
                raise
            await send({"type": "websocket.close", "code": TRY_AGAIN, "reason": None})

    return guarded
