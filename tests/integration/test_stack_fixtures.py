"""What the fixtures for RabbitMQ, Redis and PostgreSQL promise to the tests that use them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import aio_pika
import asyncpg
import psutil
import pytest
import redis

from tests.fixtures.places import RUN
from tests.fixtures.stack import SHARED, OpenStack, OwnStack

CHECKOUT = Path(__file__).resolve().parents[2]

# A test that starts a shared and a private server, says where, and stays while a file is there.
TEST = """
import os, time
def test_it(redis_url, open_stack):
    open_stack("redis")
    said = os.environ["SAID"]
    with open(said + ".new", "w") as file:
        file.write(os.environ["PARLEY_TEST_RUN"])
    os.rename(said + ".new", said)
    while os.path.exists(said):
        time.sleep(0.01)
"""


@pytest.mark.parametrize("time", ["first", "second"])
async def test_a_broker_is_empty(broker_url: str, time: str) -> None:
    """A durable queue of an earlier test is gone."""
    connection = await aio_pika.connect(broker_url)
    channel = await connection.channel()
    with pytest.raises(aio_pika.exceptions.ChannelNotFoundEntity):
        await channel.declare_queue("left", passive=True)
    channel = await connection.channel()
    await channel.declare_queue("left", durable=True)
    await connection.close()


@pytest.mark.parametrize("time", ["first", "second"])
def test_a_redis_is_empty(redis_url: str, time: str) -> None:
    """A key of an earlier test is gone."""
    with redis.Redis.from_url(redis_url) as client:
        assert client.get("left") is None
        client.set("left", 1)


def test_a_private_stack_is_harmed_and_mended(own_stack: OwnStack, redis_url: str) -> None:
    """Each server comes back at its address after a kill -9, and the shared ones are others."""
    before = own_stack.urls
    for name in before:
        killed = own_stack.pid(name)
        own_stack.kill(name)
        assert not psutil.pid_exists(killed) or psutil.Process(killed).status() == "zombie"
        own_stack.start(name)
        assert own_stack.pid(name) != killed
    assert own_stack.urls == before
    with redis.Redis.from_url(redis_url) as client:
        assert client.ping()


async def test_a_paused_database_answers_nobody(open_stack: OpenStack) -> None:
    """Its backends stop with it, so a connection that is open hangs until it goes on."""
    stack = open_stack("database")
    connection = await asyncpg.connect(stack.urls["database"])
    stack.pause("database")
    with pytest.raises(TimeoutError):
        await connection.fetchval("SELECT 1", timeout=0.2)
    stack.resume("database")
    connection.terminate()
    connection = await asyncpg.connect(stack.urls["database"])
    assert await connection.fetchval("SELECT 1") == 1
    await connection.close()


def test_a_stopped_server_is_not_there(open_stack: OpenStack) -> None:
    """Stopping and starting go by name, and others are left as they are."""
    stack = open_stack("redis")
    stack.stop("redis")
    with pytest.raises(AssertionError, match="redis does not run"):
        stack.pid("redis")
    stack.start("redis")
    with redis.Redis.from_url(stack.urls["redis"]) as client:
        assert client.ping()


# --- the end of a run -------------------------------------------------------------------------


class Run:
    """A pytest that is in the middle of such a test."""

    def __init__(self, place: Path, *options: str, **environment: str) -> None:
        (place / "test_it.py").write_text(TEST)
        self._said = place / "said"
        kept = {name: value for name, value in os.environ.items() if name not in {RUN, SHARED}}
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        command += ["-p", "tests.fixtures.stack", "--rootdir", str(place), *options, str(place)]
        self.process = subprocess.Popen(
            command,
            cwd=CHECKOUT,
            env={**kept, **environment, "SAID": str(self._said)},
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        wait(self._said.exists)
        self.directory = Path(self._said.read_text())

    def servers(self) -> list[psutil.Process]:
        """Its servers that run."""
        found = []
        for process in psutil.process_iter():
            try:
                ours = Path(process.cwd()).is_relative_to(self.directory)
                found += [process] if ours and process.status() != "zombie" else []
            except psutil.Error:
                continue
        return found

    def go_on(self) -> None:
        """Let the test end."""
        self._said.unlink()

    def end(self) -> int:
        """Wait for pytest's end; its status."""
        self.process.communicate(timeout=60)
        return self.process.returncode


def wait(condition: Callable[[], bool]) -> None:
    """Wait until it holds."""
    deadline_s = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline_s
        time.sleep(0.01)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A directory for the test that is run; it ends, whatever happens here."""
    yield tmp_path
    (tmp_path / "said").unlink(missing_ok=True)


@pytest.mark.parametrize("options", [(), ("-n", "2")])
def test_a_run_leaves_nothing(place: Path, options: tuple[str, ...]) -> None:
    """When pytest returns, its servers and their directory are gone, with workers too."""
    run = Run(place, *options)
    assert len(run.servers()) == 2
    run.go_on()
    assert run.end() == 0
    assert run.servers() == []
    assert not run.directory.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_ended_leaves_nothing(place: Path, number: signal.Signals) -> None:
    """Neither Ctrl-C nor kill -9 leaves a server behind for longer than it takes to end one."""
    run = Run(place, "-n", "2")
    assert len(run.servers()) == 2
    run.process.send_signal(number)
    run.end()
    wait(lambda: not run.directory.exists())
    assert run.servers() == []


def test_a_named_stack_is_left_running(place: Path) -> None:
    """What a developer keeps is used and not ended; only the private ones go."""
    kept = place / "kept"
    place.chmod(0o755)
    run = Run(place, **{SHARED: str(kept)})
    run.go_on()
    assert run.end() == 0
    assert not run.directory.exists()
    run.directory = kept
    (left,) = run.servers()
    left.kill()
