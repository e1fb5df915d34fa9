"""The private stack: PostgreSQL, RabbitMQ and Redis in one directory, for development and tests.

    stack = Stack(Path(".stack"))
    stack.up()
    stack.urls["broker"]
    stack.down()

Whatever starts or stops holds the directory's lock, so that two at once double nothing. Nothing
is written down of processes: what runs is found by looking (:mod:`ops.stack.processes`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import psutil

from ops.stack import processes
from ops.stack.directory import locked, usable
from ops.stack.postgres import Postgres
from ops.stack.rabbitmq import RabbitMQ
from ops.stack.redis import Redis
from ops.stack.server import Server, bring_up

NAMES = ("broker", "redis", "database")
"""The servers, as `/api/healthz` calls them; first the one that takes longest to start."""

VARIABLES = {
    "PARLEY_DATABASE_URL": "database",
    "PARLEY_BROKER_URL": "broker",
    "PARLEY_REDIS_URL": "redis",
}
"""By which variable the product is told of which server."""


class Stack:
    """The servers of one directory."""

    def __init__(
        self, directory: Path, *, management: bool = False, postgres_bin: Path | None = None
    ) -> None:
        self.directory = directory.absolute()
        self.broker = RabbitMQ(self.directory / "broker", management=management)
        self.servers: dict[str, Server] = {
            "broker": self.broker,
            "redis": Redis(self.directory / "redis"),
            "database": Postgres(self.directory / "database", postgres_bin),
        }

    @property
    def urls(self) -> dict[str, str]:
        """Where the servers are that were ever started, by name; they keep their addresses."""
        urls = {name: server.url for name, server in self.servers.items()}
        return {name: url for name, url in urls.items() if url is not None}

    def up(self, names: Sequence[str] = NAMES) -> None:
        """Start what is down of these, and return when all answer. Raises CannotRun."""
        with locked(self.directory), usable(self.directory):
            bring_up([self.servers[name] for name in NAMES if name in names])

    def down(self, names: Sequence[str] = NAMES) -> None:
        """End these in order; what is down already is passed over."""
        with usable(self.directory):
            if not self.directory.exists():
                return
        with locked(self.directory):
            for name in NAMES:
                if name in names:
                    self.servers[name].end()

    def kill(self, names: Sequence[str] = NAMES) -> None:
        """Kill -9 these, with all of their processes. For tests, and where nothing is kept."""
        for place in (place for name in names for place in self.servers[name].places):
            processes.kill(place)

    def process(self, name: str) -> psutil.Process | None:
        """The main process of one of the servers, if it runs."""
        return self.servers[name].main()
