"""What a process was started with: sockets that somebody else has opened for it.

Two may do that. systemd hands over a listening socket (sd_listen_fds(3): LISTEN_PID, LISTEN_FDS).
Our supervisor names what it hands over in one variable, ``own=7,lifeline=8,public=5,name=node-1``:
a loopback address of the process's own, the line to the supervisor, and the listening socket that
all who serve share. Whatever is taken is not handed on to a child by accident.
"""

from __future__ import annotations

import socket
from collections.abc import MutableMapping
from dataclasses import dataclass

from ops.errors import CannotRun

VARIABLE = "PARLEY_INHERITED"
SYSTEMD = ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES")
FIRST_DESCRIPTOR = 3
"""Where systemd begins to count."""


@dataclass(frozen=True)
class Inherited:
    """The sockets, as far as there are any; ``name`` is what the supervisor calls this process."""

    public: socket.socket | None = None
    own: socket.socket | None = None
    lifeline: socket.socket | None = None
    name: str | None = None


def take(environment: MutableMapping[str, str], pid: int) -> Inherited:
    """Take what this process was given, and its variables with it. Raises CannotRun."""
    ours = environment.pop(VARIABLE, None)
    meant_for, count, _ = (environment.pop(name, "") for name in SYSTEMD)
    if ours is not None:
        return _from_supervisor(ours)
    if meant_for != str(pid) or count in {"", "0"}:
        return Inherited()
    if count != "1":
        raise CannotRun(f"One listening socket is taken, and systemd gave {count}.")
    return Inherited(public=_listening(_opened(FIRST_DESCRIPTOR)))


def named(name: str, **sockets: socket.socket) -> dict[str, str]:
    """The variable that tells a child of the sockets that it is given."""
    given = [f"{what}={each.fileno()}" for what, each in sockets.items()]
    return {VARIABLE: ",".join([*given, f"name={name}"])}


def _from_supervisor(text: str) -> Inherited:
    given = dict(pair.split("=", 1) for pair in text.split(","))
    name = given.pop("name")
    return Inherited(name=name, **{what: _opened(int(each)) for what, each in given.items()})


def _opened(descriptor: int) -> socket.socket:
    try:
        opened = socket.socket(fileno=descriptor)
    except OSError as error:
        raise CannotRun(
            f"Descriptor {descriptor}, which should be a socket of ours, is none: {error.strerror}."
        ) from error
    opened.set_inheritable(False)
    opened.settimeout(0)
    return opened


def _listening(opened: socket.socket) -> socket.socket:
    """Refuse what nobody can connect to over TCP."""
    internet = opened.family in {socket.AF_INET, socket.AF_INET6}
    if not internet or not opened.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        opened.close()
        raise CannotRun("The socket that systemd gave is no listening TCP socket.")
    return opened
