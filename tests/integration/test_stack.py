"""The private stack from outside: started, harmed, shared and stopped by its command line."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import aio_pika
import asyncpg
import psutil
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from ops.settings import Settings
from ops.stack import processes
from ops.stack.stack import NAMES, Stack
from tests.fixtures.stack import new_directory

CHECKOUT = Path(__file__).resolve().parents[2]
DEEP = 'a dïrectory "of" $HOME [a] {1,2} %s * ?/' + 4 * "that-is-too-long-for-a-socket-in-it/"
NOBODY = 65534


def stack(verb: str, directory: Path) -> subprocess.Popen[str]:
    """Start a command, whose output is a pipe's."""
    return subprocess.Popen(
        [sys.executable, "-m", "ops.stack", verb, "--data", str(directory)],
        cwd=CHECKOUT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def said(verb: str, directory: Path) -> tuple[int, str, str]:
    """Run a command; its status and what it said. It returns when nobody holds the pipes."""
    command = stack(verb, directory)
    output, words = command.communicate(timeout=120)
    return command.returncode, output, words


def below(directory: Path) -> list[psutil.Process]:
    """Every process that works in the directory or below."""
    places = {name for name, _, _ in os.walk(directory)}
    found = []
    for process in psutil.process_iter():
        try:
            found += [process] if process.cwd() in places else []
        except psutil.Error:
            continue
    return [process for process in found if processes.runs(process)]


def programs(directory: Path) -> list[str]:
    """The names of their programs."""
    found = []
    for process in below(directory):
        with contextlib.suppress(psutil.NoSuchProcess):
            found.append(process.name())
    return found


def pids(directory: Path) -> dict[str, int]:
    """The main process of each server that runs."""
    mains = {name: Stack(directory).process(name) for name in NAMES}
    return {name: process.pid for name, process in mains.items() if process is not None}


def urls(directory: Path) -> dict[str, str]:
    """What ``env`` says."""
    status, output, _ = said("env", directory)
    assert status == 0
    return dict(line.split("=", 1) for line in output.splitlines())


@pytest.fixture
def directory() -> Iterator[Path]:
    """A place for a stack, deep and with what shells stumble over, that is not there yet."""
    place = new_directory() / DEEP / "stack"
    yield place
    Stack(place).kill()


@pytest.fixture(scope="module")
def running() -> Iterator[Path]:
    """A stack that runs; its tests mend what they harm."""
    place = new_directory() / DEEP / "stack"
    assert said("up", place) == (0, "", "")
    yield place
    Stack(place).kill()


# --- up ---------------------------------------------------------------------------------------


def test_servers_are_nobodys_children(running: Path) -> None:
    """Each has a session of its own, no terminal, and only its log and sockets open to outside."""
    assert set(pids(running)) == set(NAMES)
    for pid in pids(running).values():
        process = psutil.Process(pid)
        assert process.ppid() != os.getpid()
        assert os.getsid(pid) != os.getsid(0)
        files = {Path(f"/proc/{pid}/fd/{number}").readlink() for number in range(3)}
        assert {each.suffix for each in files - {Path(os.devnull)}} <= {".log", ".conf"}


async def test_the_database_wants_its_password_and_keeps_commits(running: Path) -> None:
    """Loopback alone is no right, and durability is on."""
    url = urls(running)["PARLEY_DATABASE_URL"]
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(url, password="another")
    connection = await asyncpg.connect(url)
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        assert await connection.fetchval(f"SHOW {setting}") == "on"
    await connection.close()


async def test_the_broker_wants_its_password(running: Path) -> None:
    """Also from this machine, and the user that every RabbitMQ has is not there."""
    url = urls(running)["PARLEY_BROKER_URL"]
    port = urlsplit(url).port
    for user in ("parley:another", "guest:guest"):
        with pytest.raises(aio_pika.exceptions.ProbableAuthenticationError):
            await aio_pika.connect(f"amqp://{user}@127.0.0.1:{port}/")
    await (await aio_pika.connect(url)).close()


def test_redis_wants_its_password(running: Path) -> None:
    """Also from this machine."""
    url = urls(running)["PARLEY_REDIS_URL"]
    port = urlsplit(url).port or 0
    once = Retry(NoBackoff(), 0)
    with redis.Redis(port=port, retry=once) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()
    with redis.Redis.from_url(url) as client:
        assert client.ping()


def test_everything_listens_on_loopback_below_ephemeral_ports(running: Path) -> None:
    """Nobody outside gets in, and no outgoing connection can have taken a port."""
    listening = [
        connection.laddr
        for process in below(running)
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert len(listening) >= 6  # one for each server, epmd, and two more of RabbitMQ
    assert {address.ip for address in listening} <= {"127.0.0.1", "::1"}
    assert all(20_000 <= address.port < 32_768 for address in listening)


def test_the_product_takes_the_urls(running: Path) -> None:
    """The names are its own, and a shell's words: no blank, no quote."""
    said_urls = urls(running)
    settings = {name.removeprefix("PARLEY_").lower(): url for name, url in said_urls.items()}
    Settings(**settings)  # type: ignore[arg-type]  # three texts
    script = f'exec env $("{sys.executable}" -m ops.stack env --data "$0") env'
    command = ["sh", "-c", script, str(running)]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True)
    shown = done.stdout.splitlines()
    assert {f"{name}={url}" for name, url in said_urls.items()} <= set(shown)


def test_up_again_starts_nothing(running: Path) -> None:
    """All that answers stays as it is, and so do the addresses."""
    before = pids(running), urls(running)
    assert said("up", running) == (0, "", "")
    assert (pids(running), urls(running)) == before


@pytest.mark.parametrize("name", NAMES)
def test_up_again_starts_what_was_killed(running: Path, name: str) -> None:
    """Only that one, at the same address, after a kill -9 in the middle of work."""
    before, addresses = pids(running), urls(running)
    os.kill(before[name], signal.SIGKILL)
    assert said("up", running) == (0, "", "")
    after = pids(running)
    assert after.pop(name) != before.pop(name)
    assert after == before
    assert urls(running) == addresses


def test_two_at_once_start_one_of_each(directory: Path) -> None:
    """The second waits for the first and finds the work done."""
    both = [stack("up", directory) for _ in range(2)]
    assert [command.communicate(timeout=120) for command in both] == [("", ""), ("", "")]
    for program in ("beam.smp", "epmd", "redis-server"):
        assert programs(directory).count(program) == 1
    assert len(pids(directory)) == 3


# --- down -------------------------------------------------------------------------------------


def test_down_leaves_nothing(directory: Path) -> None:
    """A server that hangs is ended too; down again does nothing; addresses are kept."""
    assert said("up", directory) == (0, "", "")
    before = urls(directory)
    for process in below(directory / "broker"):
        process.suspend()
    started = time.monotonic()
    assert said("down", directory) == (0, "", "")
    assert time.monotonic() - started < 60
    assert below(directory) == []
    for url in before.values():
        with socket.socket() as client:
            assert client.connect_ex(("127.0.0.1", urlsplit(url).port)) != 0
    assert said("down", directory) == (0, "", "")
    assert urls(directory) == before


def test_other_peoples_servers_are_left_alone(directory: Path, running: Path) -> None:
    """Those of another directory run on."""
    Stack(directory).up(["redis"])
    before = pids(running)
    assert said("down", directory) == (0, "", "")
    assert pids(running) == before


def test_down_without_a_stack(directory: Path) -> None:
    """There is nothing to do, and nothing is made."""
    assert said("down", directory) == (0, "", "")
    assert not directory.exists()


@pytest.mark.parametrize("after_s", [0.3, 1.2])
def test_an_interrupted_up_is_mended(directory: Path, after_s: float) -> None:
    """Wherever Ctrl-C comes, `up` completes what was begun and `down` ends all of it."""
    command = stack("up", directory)
    time.sleep(after_s)
    command.send_signal(signal.SIGINT)
    _, words = command.communicate(timeout=10)
    if command.returncode:  # or it was done before
        assert (command.returncode, words.count("\n") <= 1) == (130, True)
    if after_s > 1:
        assert said("up", directory) == (0, "", "")
    assert said("down", directory) == (0, "", "")
    assert below(directory) == []


def test_an_epmd_that_dies_while_rabbitmq_starts(directory: Path) -> None:
    """The next `up` mends it, and Erlang has started no daemon of its own in its stead."""
    command = stack("up", directory)
    while "beam.smp" not in programs(directory):
        time.sleep(0.05)
    command.kill()
    command.communicate()
    for process in below(directory / "broker" / "epmd"):
        process.kill()
    processes.await_end(below(directory / "broker" / "node"), 10)
    assert said("up", directory) == (0, "", "")
    assert said("down", directory) == (0, "", "")
    (_, _, epmd, _) = json.loads((directory / "broker" / "address.json").read_text())["ports"]
    with socket.socket() as client:
        assert client.connect_ex(("127.0.0.1", epmd)) != 0


# --- what stands in the way -------------------------------------------------------------------


def test_env_without_a_stack(directory: Path) -> None:
    """An error, and nothing that a shell would take for variables."""
    status, output, words = said("env", directory)
    assert (status, output) == (1, "")
    assert words == f"stack: There is no stack in {directory}; ./dev stack up starts one.\n"


def test_a_file_is_no_directory(directory: Path) -> None:
    """One sentence names it."""
    directory.parent.mkdir(parents=True)
    directory.touch()
    status, _, words = said("up", directory)
    assert (status, words.count("\n")) == (1, 1)
    assert f"{directory} cannot be used" in words
    directory.unlink()


def test_a_taken_port_is_said(directory: Path) -> None:
    """Which port, whose, and what to do; nothing else is harmed."""
    Stack(directory).up(["redis"])
    Stack(directory).down()
    port = urlsplit(Stack(directory).urls["redis"]).port
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        status, _, words = said("up", directory)
    assert (status, words.count("\n")) == (1, 1)
    assert f"Port {port} of this stack's Redis is taken by another program" in words


def test_why_a_server_did_not_come_up(directory: Path) -> None:
    """The end of its log is shown, and the next `down` still ends the others."""
    Stack(directory).up(["database"])
    Stack(directory).down()
    (data,) = Stack(directory).servers["database"].places
    (data / "global" / "pg_control").write_bytes(b"")
    status, _, words = said("up", directory)
    assert status == 1
    assert words.startswith("stack: PostgreSQL ended while it started; ")
    assert "pg_control" in words
    assert said("down", directory) == (0, "", "")
    assert below(directory) == []


# The command as another user, whose Python the parent names. What that user may be unable to read
# is imported before.
AS_NOBODY = """
import encodings.idna, os, sys
from ops.stack.__main__ import main
sys.executable = sys.argv.pop(1)
os.setgroups([]); os.setgid(65534); os.setuid(65534)
sys.exit(main())
"""


def said_to_nobody(verb: str, directory: Path) -> tuple[int, str, str]:
    """Run a command as a user who owns nothing but this directory."""
    packages = next(path for path in sys.path if path.endswith("site-packages"))
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, python_of_nobody(), verb, "--data", str(directory)],
        cwd=CHECKOUT,
        env={"PATH": os.defpath, "PYTHONPATH": packages},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout, done.stderr


def python_of_nobody() -> str:
    """A Python that this user may run: ours may lie in root's own home."""
    for python in (sys.executable, "/usr/bin/python3"):
        with contextlib.suppress(OSError, subprocess.CalledProcessError):
            subprocess.run([python, "-S", "-c", "import ctypes"], check=True, user=NOBODY)
            return python
    pytest.skip("no Python here that another user may run")


@pytest.mark.parametrize("name", ["co:lon", "apo'strophe"])
def test_a_path_that_rabbitmq_cannot_have(directory: Path, name: str) -> None:
    """It would fail in words of its own, or hang."""
    status, _, words = said("up", directory.with_name(name))
    assert (status, words.count("\n")) == (1, 1)
    assert "broker cannot hold RabbitMQ, with a " in words


def test_a_shut_directory(directory: Path) -> None:
    """Whoever may not look cannot say that nothing runs."""
    directory.mkdir(parents=True)
    (directory / "stack.lock").symlink_to(directory / "nowhere" / "at all")
    for verb in ("up", "down"):
        status, _, words = said(verb, directory)
        assert (status, words.count("\n")) == (1, 1)
        assert f"{directory} cannot be used" in words


@pytest.mark.skipif(os.geteuid() != 0, reason="needs another user to become")
def test_a_normal_user_needs_no_root(directory: Path) -> None:
    """All three run as whoever started them, in a directory that is theirs alone."""
    directory.parent.mkdir(parents=True)
    shutil.chown(directory.parent, NOBODY, NOBODY)
    assert said_to_nobody("up", directory) == (0, "", "")
    assert len(pids(directory)) == 3
    assert {process.uids().real for process in below(directory)} == {NOBODY}
    assert directory.stat().st_mode & 0o777 == 0o700
    assert said_to_nobody("down", directory) == (0, "", "")
    assert below(directory) == []
