"""What the stack keeps in its directory: a lock, and each server's address and password.

    DIR/stack.lock     flock of the one command that may start and stop servers
    DIR/database/      PostgreSQL, as the embedded size keeps its own
    DIR/broker/        RabbitMQ
    DIR/redis/         Redis

The names are none of those that a product keeps in its data directory, so that both may be one.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Self

from adapters.postgres.embedded import private
from adapters.postgres.embedded_directory import candidate_ports, is_free, make_directories
from ops.stack.errors import PortTaken, StackNotUsable

WAIT_S = 180.0
"""Seconds to wait for another command on the same directory; longer than any of them may take."""

CLOSING_S = 3.0
"""Seconds for the ports of a killed server: it is a zombie before its last thread lets go."""

LOOK_S = 0.05


@dataclass(frozen=True)
class Address:
    """Where a server listens, first its own port, and the password of its user."""

    ports: tuple[int, ...]
    password: str = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """The address that was kept, or None."""
        try:
            form = json.loads(path.read_bytes())
            return cls(tuple(map(int, form["ports"])), str(form["password"]))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StackNotUsable(path, f"cannot be read ({error.strerror})") from error
        except (ValueError, TypeError, KeyError) as error:
            raise StackNotUsable(path, "is damaged") from error

    @classmethod
    def kept(cls, path: Path, count: int) -> Self:
        """The address that was kept, else one of free ports, which is kept from now on."""
        known = cls.read(path)
        if known is not None:
            return known
        ports = islice(filter(is_free, candidate_ports(None, path)), count)
        chosen = cls(tuple(ports), secrets.token_hex(16))
        write_private(path, json.dumps(asdict(chosen)))
        return chosen


def write_private(path: Path, text: str) -> None:
    """Write a file whole or not at all, readable by our own user only."""
    unnamed = path.with_name(f"{path.name}.new")
    with open(unnamed, "w", opener=private) as file:
        file.write(text)
    unnamed.rename(path)


def demand_free(port: int, server: str, kept_in: Path) -> None:
    """Refuse to start a server where another program listens."""
    deadline_s = time.monotonic() + CLOSING_S
    while not is_free(port):
        if time.monotonic() > deadline_s:
            raise PortTaken(port, server, kept_in)
        time.sleep(LOOK_S)


def make_home(path: Path) -> None:
    """Make a server's directory, which is ours alone."""
    make_directories(path.parent, 0o711 if os.geteuid() == 0 else 0o700)
    path.mkdir(mode=0o700, exist_ok=True)


@contextmanager
def usable(directory: Path) -> Iterator[None]:
    """Say of a full disk, a file in a directory's place, or a process table that is full, where."""
    try:
        yield
    except (OSError, subprocess.SubprocessError) as error:
        raise StackNotUsable(directory, f"cannot be used ({error})") from error


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Be the only command that starts and stops servers here. The lock is not inherited."""
    with usable(directory):
        # PostgreSQL runs as another user where root starts it, and must pass through.
        make_directories(directory, 0o711 if os.geteuid() == 0 else 0o700)
        descriptor = os.open(directory / "stack.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        take(descriptor, directory)
        yield
    finally:
        os.close(descriptor)


def take(descriptor: int, directory: Path) -> None:
    """Wait for the lock, for so long at most."""
    deadline_s = time.monotonic() + WAIT_S
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > deadline_s:
                raise StackNotUsable(directory, "is in use by another ./dev stack") from error
            time.sleep(LOOK_S)
        else:
            return
