"""What is stored for ever comes out as it always did, to the byte."""

from __future__ import annotations

import json

import pytest

from adapters.websocket.frames import SocketCommand
from tests.unit.golden.stored_bytes import COMMANDS, FILE, stored

KNOWN: dict[str, str] = json.loads(FILE.read_text("utf-8"))


def test_nothing_is_left_out() -> None:
    """Every derivation stands in the file, and every command that comes by socket is among them."""
    assert set(stored()) == set(KNOWN)
    assert {type(command) for command in COMMANDS.values()} == set(SocketCommand.__args__)


@pytest.mark.parametrize("name", KNOWN)
def test_it_comes_out_as_ever(name: str) -> None:
    """This program makes the same bytes as the first one did."""
    assert stored()[name] == KNOWN[name]
