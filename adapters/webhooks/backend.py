"""The way to the network that httpcore takes: a name is resolved, and checked, and connected to.

All three in one place, so that nobody can answer the check with one address and the connection with
another. TLS still names the host, whose certificate must fit.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from ssl import SSLContext
from typing import Any

import httpcore

from adapters.webhooks.addresses import AllowedAddresses
from domain.webhooks.ports import NoAnswer

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""The addresses of a host; raises OSError where it has none."""

MOST_ADDRESSES = 4
"""Addresses of a host that are tried, one after the other."""


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connects only where that is allowed. ``plain``: without TLS, so only into named networks."""

    def __init__(self, allowed: AllowedAddresses, resolve: Resolve, *, plain: bool) -> None:
        self._allowed = allowed
        self._resolve = resolve
        self._plain = plain
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # httpcore's interface
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address that may be and answers. Raises NoAnswer."""
        addresses = await self._addresses(host, port)
        each_s = None if timeout is None else timeout / len(addresses)
        for address in addresses:
            try:
                stream = await self._network.connect_tcp(
                    address, port, each_s, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
            return _Stream(stream)
        raise NoAnswer("no_connection")

    async def _addresses(self, host: str, port: int) -> list[str]:
        try:
            found = await self._resolve(host, port)
        except (OSError, UnicodeError):
            raise NoAnswer("no_address") from None
        allowed = [each for each in found if self._allowed.allows(each, plain=self._plain)]
        if not allowed:
            raise NoAnswer("forbidden_address" if found else "no_address")
        return allowed[:MOST_ADDRESSES]


class _Stream(httpcore.AsyncNetworkStream):
    """A connection that tells a failure of TLS from one of the network."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109  # as above
        return await self._stream.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109  # as above
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  # as above
    ) -> httpcore.AsyncNetworkStream:
        try:
            return await self._stream.start_tls(ssl_context, server_hostname, timeout)
        except httpcore.ConnectError:
            raise NoAnswer("bad_tls") from None

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
