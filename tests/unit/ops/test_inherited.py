"""Sockets that a process is started with: which are taken, and from whom."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from ops import inherited
from ops.errors import CannotRun
from ops.inherited import Inherited, named, take

PID = 4711


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A listening socket."""
    with socket.create_server(("127.0.0.1", 0)) as opened:
        yield opened


@pytest.fixture
def from_systemd(listener: socket.socket, monkeypatch: pytest.MonkeyPatch) -> int:
    """A descriptor where systemd would have put it."""
    given = os.dup(listener.fileno())
    monkeypatch.setattr(inherited, "FIRST_DESCRIPTOR", given)
    return given


def test_without_variables_nothing_is_taken() -> None:
    """As started by hand."""
    assert take({"HOME": "/"}, PID) == Inherited()


def test_systemds_socket_is_taken(from_systemd: int, listener: socket.socket) -> None:
    """The one that systemd listens on; its variables are gone, as is the way to a child."""
    environment = {"LISTEN_PID": str(PID), "LISTEN_FDS": "1", "LISTEN_FDNAMES": "x", "HOME": "/"}
    taken = take(environment, PID)
    assert environment == {"HOME": "/"}
    assert taken.public is not None
    with taken.public:
        assert taken.public.getsockname() == listener.getsockname()
        assert not taken.public.get_inheritable()
    assert (taken.own, taken.lifeline, taken.name) == (None, None, None)


def test_what_is_meant_for_another_is_left(from_systemd: int) -> None:
    """A variable that was inherited by accident names another process."""
    assert take({"LISTEN_PID": "1", "LISTEN_FDS": "1"}, PID) == Inherited()
    os.close(from_systemd)


def test_several_sockets_are_refused() -> None:
    """There is one address to serve; whoever gives two has made a mistake."""
    with pytest.raises(CannotRun, match="systemd gave 2"):
        take({"LISTEN_PID": str(PID), "LISTEN_FDS": "2"}, PID)


def test_what_cannot_be_connected_to_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A datagram socket, or no socket at all: one sentence."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        monkeypatch.setattr(inherited, "FIRST_DESCRIPTOR", os.dup(other.fileno()))
        with pytest.raises(CannotRun, match="no listening TCP socket"):
            take({"LISTEN_PID": str(PID), "LISTEN_FDS": "1"}, PID)
    reader, writer = os.pipe()
    monkeypatch.setattr(inherited, "FIRST_DESCRIPTOR", reader)
    with pytest.raises(CannotRun, match="should be a socket of ours"):
        take({"LISTEN_PID": str(PID), "LISTEN_FDS": "1"}, PID)
    for descriptor in (reader, writer):
        os.close(descriptor)


def test_a_child_takes_what_it_was_named() -> None:
    """Through a real start: each socket under its name, and no variable left to warn of."""
    ours, theirs = socket.socketpair()
    with ours, theirs, socket.create_server(("127.0.0.1", 0)) as own:
        given = named("node-1", own=own, lifeline=theirs)
        done = subprocess.run(
            [sys.executable, "-c", CHILD],
            env={**os.environ, **given},
            pass_fds=[own.fileno(), theirs.fileno()],
            capture_output=True,
            text=True,
        )
        theirs.close()
        port = own.getsockname()[1]
        assert (done.stdout, done.stderr) == (f"node-1 {port} None []\n", "")
        assert ours.recv(64) == b"here"


CHILD = """
import os
from ops.inherited import take
taken = take(os.environ, os.getpid())
taken.lifeline.send(b"here")
left = [name for name in os.environ if name == "PARLEY_INHERITED"]
print(taken.name, taken.own.getsockname()[1], taken.public, left)
"""
