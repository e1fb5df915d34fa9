"""What ``./dev up --full`` becomes: servers and several processes, started and ended as one."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from ops.stack.stack import Stack
from ops.supervision.plan import default_entries, parse
from tests.fixtures.client import Client, agent_session, visitor_session
from tests.fixtures.fleet import Fleet
from tests.fixtures.server import CHECKOUT, data_directory

PATIENCE_S = 60.0
EVERYTHING = parse(default_entries())
"""Two nodes, and one process of each role that runs apart."""


class Full(Fleet):
    """One of it. Its servers are in its directory."""

    count = len(EVERYTHING)

    def start(self, *, wait: bool = True) -> Full:
        """Start it, and wait until all that it keeps is ready."""
        command = [sys.executable, "-m", "ops.stack.full"]
        command += ["--data", str(self.data), "--port", str(self.port)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=CHECKOUT, env=self.environment, stdout=log, stderr=log
            )
        if wait:
            self.wait_ready()
        return self

    def servers(self) -> set[str]:
        """Those of its servers that run."""
        return set(self.pids())

    def pids(self) -> dict[str, int]:
        """The main process of each server that runs."""
        mains = {name: each.main() for name, each in Stack(self.data).servers.items()}
        return {name: main.pid for name, main in mains.items() if main is not None}

    def said(self, label: str) -> str:
        """What was printed under a label, without the remark in brackets."""
        found = re.findall(rf"^  {label}  +(.+?)(?: \(.*\))?$", self.log.read_text(), re.MULTILINE)
        assert len(found) == 1, self.log.read_text()
        return str(found[0])

    def do(self, label: str) -> str:
        """Run the command that was printed under a label, from another shell of the same person."""
        # As ./dev would, whose packages are the checkout's own.
        command = self.said(label).replace("./dev stack", f"{sys.executable} -m ops.stack")
        command = command.replace("./dev parley", f"{sys.executable} -m ops")
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=CHECKOUT,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, (command, done.stderr)
        return done.stdout


@pytest.fixture
def full() -> Iterator[Full]:
    """One that is not started yet."""
    with data_directory() as data:
        made = Full(data, None, name="full")
        try:
            yield made
        finally:
            made.end()
            stack = Stack(data)
            with contextlib.suppress(FileNotFoundError):
                stack.kill()
            stack.down()


def until(holds: Callable[[], object]) -> None:
    """Wait for something that must come."""
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)


async def test_the_whole_shape_in_one_command(full: Full) -> None:
    """Everything is well, people talk across it, it is told of, and ended within 10 s."""
    full.start()
    until(full.healthy)
    assert list(full.processes()) == [post.name for post in EVERYTHING]
    assert full.servers() == {"database", "broker", "redis"}
    credentials = full.credentials
    assert credentials["url"] == full.url
    mine = await visitor_session(full.url, credentials["site"])
    theirs = await agent_session(full.url, "demo", credentials["agents"][0])
    async with Client(mine) as visitor, Client(theirs) as agent:
        talk = (await visitor.ack("start", body={"text": "across"}))["conversation"]
        feed = f"conversation:{talk}"
        await agent.follow(feed)
        await agent.until(lambda: "across" in agent.texts(feed))
        said = full.log.read_text()
        for words in (f"{full.url}/demo", str(full.data), "Stop ", "node-2 ", "relay-1 "):
            assert words in said
        began = time.monotonic()
        assert full.stop() == 0
        assert time.monotonic() - began < 10
    until(lambda: not full.servers())


def test_what_is_printed_works(full: Full) -> None:
    """One looks inside, and brings back what was killed: that alone, and the product finds it."""
    full.start()
    until(full.healthy)
    assert full.said("Servers") == f"PostgreSQL, RabbitMQ and Redis in {full.data}"
    assert "position" in full.do("Look inside")
    before, kept = full.pids(), full.processes()
    os.kill(before["broker"], signal.SIGKILL)
    until(lambda: not full.healthy())
    full.do("Bring back")
    until(full.healthy)
    after = full.pids()
    assert after.pop("broker") != before.pop("broker")
    assert after == before
    assert {each["pid"] for each in full.processes().values()} == {
        each["pid"] for each in kept.values()
    }


def test_servers_that_ran_before_stay(full: Full) -> None:
    """They are somebody's; and those that a variable names are not started at all."""
    stack = Stack(full.data)
    full.data.mkdir(mode=0o711)
    stack.up(["database"])
    full.environment["PARLEY_BROKER_URL"] = "amqp://nobody@127.0.0.1:1/"
    full.environment["PARLEY_REDIS_URL"] = "redis://127.0.0.1:1/"
    full.start()
    assert httpx.get(f"{full.url}/readyz").status_code == 200
    assert full.servers() == {"database"}
    assert full.said("Servers") == f"PostgreSQL in {full.data}"
    assert "position" in full.do("Look inside")
    assert full.stop() == 0
    assert full.servers() == {"database"}


@pytest.mark.parametrize("named", [False, True], ids=["", "named by a variable"])
def test_beside_one_that_ran_before_the_others_are_stopped(full: Full, named: bool) -> None:
    """Each server for itself: what was started for this ends, what was there before runs on."""
    stack = Stack(full.data)
    full.data.mkdir(mode=0o711)
    stack.up(["redis"])
    before = full.pids()
    full.environment["PARLEY_BROKER_URL"] = "amqp://nobody@127.0.0.1:1/"
    if named:
        full.environment["PARLEY_REDIS_URL"] = stack.urls["redis"]
    full.start()
    assert full.servers() == {"database", "redis"}
    assert "position" in full.do("Look inside")
    full.do("Bring back")
    assert full.servers() == {"database", "redis"}
    assert full.stop() == 0
    until(lambda: full.pids() == before)


def test_with_every_server_named_none_is_started(full: Full) -> None:
    """Nor stopped; the printed command wants the same variable as this one."""
    elsewhere = Stack(full.data.parent / "elsewhere")
    try:
        elsewhere.up(["database"])
        full.environment["PARLEY_DATABASE_URL"] = elsewhere.urls["database"]
        full.environment["PARLEY_BROKER_URL"] = "amqp://nobody@127.0.0.1:1/"
        full.environment["PARLEY_REDIS_URL"] = "redis://127.0.0.1:1/"
        full.start()
        assert full.servers() == set()
        assert "Servers" not in full.log.read_text()
        assert "position" in full.do("Look inside")
        assert full.stop() == 0
        assert elsewhere.servers["database"].lives()
    finally:
        elsewhere.down()


def test_a_stop_while_servers_start_is_a_clean_one(full: Full) -> None:
    """Status 0 in the time promised, and whatever was started ends."""
    full.start(wait=False)
    assert full.process is not None
    until(lambda: Path(full.data, "stack.lock").exists() and full.servers())
    full.process.send_signal(signal.SIGTERM)
    assert full.process.wait(10) == 0
    until(lambda: not full.servers())
