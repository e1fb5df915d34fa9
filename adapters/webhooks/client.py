"""POST to a receiver: :class:`domain.webhooks.ports.Post`.

One connection a request, no redirects, no proxy from the environment, no more than so many seconds
and bytes. An answer counts when it has come whole, or has filled what is read of it.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass

import httpcore

from adapters.webhooks.addresses import AllowedAddresses
from adapters.webhooks.backend import GuardedBackend, Resolve
from adapters.webhooks.names import Names
from domain.ports import Clock
from domain.webhooks.ports import Answer, NoAnswer

_MOST_RETRY_AFTER_S = 7 * 24 * 3600
"""A longer wish is nobody's; it is bounded further where it is heard."""


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """What a request may take, and where it may go."""

    networks: tuple[str, ...] = ()
    """Networks that may be asked though they are private, and without TLS."""

    answer_bytes: int = 65_536
    """Bytes of an answer's body that are read."""

    lookups: int = 64
    """Names looked up at a time; each holds a thread until the resolver gives up."""


class WebhookClient:
    """Asks receivers. Nothing is held between two requests."""

    def __init__(
        self,
        settings: ClientSettings,
        clock: Clock,
        user_agent: str,
        *,
        resolve: Resolve | None = None,
        trusted: ssl.SSLContext | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._user_agent = user_agent
        resolve = resolve or Names(settings.lookups)
        allowed = AllowedAddresses(settings.networks)
        self._backends = {
            scheme: GuardedBackend(allowed, resolve, plain=scheme == b"http")
            for scheme in (b"http", b"https")
        }
        self._trusted = trusted

    async def __call__(
        self, url: str, headers: Mapping[str, str], body: bytes, within_s: float
    ) -> Answer:
        begun = self._clock.monotonic()
        try:
            async with asyncio.timeout(within_s):
                status, retry_after_s, beginning = await self._ask(url, headers, body, within_s)
        except (TimeoutError, httpcore.TimeoutException):
            raise NoAnswer("timeout") from None
        except (httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError):
            # The last one is what httpcore lets through of a connection that ceases to be TLS.
            raise NoAnswer("broken") from None
        return Answer(status, beginning, self._clock.monotonic() - begun, retry_after_s)

    async def _ask(
        self, url: str, headers: Mapping[str, str], body: bytes, within_s: float
    ) -> tuple[int, float | None, bytes]:
        target = httpcore.URL(url)
        connection = httpcore.AsyncHTTPConnection(
            target.origin,
            ssl_context=await self._trust(),
            network_backend=self._backends[target.scheme],
        )
        async with (
            connection,
            connection.stream(
                "POST",
                target,
                headers=self._headers(target, headers),
                content=body,
                extensions={"timeout": {"connect": within_s}},
            ) as response,
        ):
            beginning = await self._beginning(response)
            return response.status, _retry_after_s(response), beginning

    def _headers(
        self, target: httpcore.URL, headers: Mapping[str, str]
    ) -> list[tuple[bytes | str, bytes | str]]:
        return [
            ("host", _host(target)),
            ("user-agent", self._user_agent),
            ("content-type", "application/json"),
            ("connection", "close"),
            *headers.items(),
        ]

    async def _beginning(self, response: httpcore.Response) -> bytes:
        """The body, as far as it is read."""
        read = bytearray()
        async for chunk in response.aiter_stream():
            read += chunk
            if len(read) >= self._settings.answer_bytes:
                break
        return bytes(read[: self._settings.answer_bytes])

    async def _trust(self) -> ssl.SSLContext:
        """Whom TLS trusts: the system's authorities, and those that the client library knows.

        Made when it is first needed, and beside the event loop: reading them takes 0.2 s.
        """
        if self._trusted is None:
            self._trusted = await asyncio.to_thread(httpcore.default_ssl_context)
        return self._trusted


def _host(target: httpcore.URL) -> str:
    """The Host header: with brackets around an IPv6 address, without the scheme's own port."""
    host = target.host.decode("ascii")
    name = f"[{host}]" if ":" in host else host
    return name if target.port is None else f"{name}:{target.port}"


def _retry_after_s(response: httpcore.Response) -> float | None:
    """How long the receiver asks to be left alone, where it says so in seconds."""
    for name, value in response.headers:
        if name.lower() == b"retry-after" and value.isdigit():
            return float(min(int(value[:9]), _MOST_RETRY_AFTER_S))
    return None
