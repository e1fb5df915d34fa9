"""Where a node listens: at an address that it takes, or at sockets that it was started with."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

from adapters.postgres.embedded_directory import DataDirectory, lock_holder
from ops.errors import CannotRun
from ops.inherited import Inherited
from ops.server import PortInUse, bound
from ops.settings import Settings


@contextlib.contextmanager
def addresses(
    settings: Settings, inherited: Inherited
) -> Iterator[tuple[socket.socket, socket.socket | None]]:
    """The socket of this node alone, and the one that it has in common with others, if any.

    Raises CannotRun.
    """
    if inherited.own is not None:
        yield inherited.own, inherited.public
    elif inherited.public is not None:
        yield inherited.public, None
    else:
        with _taken(settings) as own:
            yield own, None


@contextlib.contextmanager
def _taken(settings: Settings) -> Iterator[socket.socket]:
    """The socket to listen on. Where the port is taken, and we run already, that is the reason."""
    try:
        with bound(settings.host, settings.port) as listener:
            yield listener
    except PortInUse as error:
        directory = DataDirectory.at(settings.data)
        holder = lock_holder(directory.lock) if settings.embedded else None
        if holder is None:
            raise
        raise CannotRun(
            f"Parley runs on {directory.path} already (process {holder}), and port {error.port} of"
            f" {error.host} is taken."
        ) from error


def url_of(settings: Settings, listener: socket.socket) -> str:
    """Where people reach who listens there."""
    if settings.public_url is not None:
        return settings.public_url.rstrip("/")
    host, port = listener.getsockname()[:2]
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - every address is the operator's choice; one is told
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
