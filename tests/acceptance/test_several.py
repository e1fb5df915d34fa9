"""``parley run``: several processes behind one port, under traffic, renewed, killed, stopped."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from tests.fixtures.client import Client, Frame, visitor_session
from tests.fixtures.fleet import Fleet, fleet_of
from tests.fixtures.server import (
    CHECKOUT,
    START_S,
    Server,
    clean_environment,
    data_directory,
    free_port,
)
from tests.fixtures.stack import OpenStack
from tests.fixtures.traffic import traffic

NODES = ("node-1", "node-2")
HEARD_LATE_S = 0.4
"""Seconds by which a busy machine may hear of something too late."""

EVERYTHING = (*NODES, "relay-1", "projector-1", "webhooks-1", "router-1")


@pytest.fixture
def data() -> Iterator[Path]:
    """A directory that is not there yet."""
    with data_directory() as path:
        yield path


@pytest.fixture(params=["with RabbitMQ", "without"])
def fleet(request: pytest.FixtureRequest, data: Path, empty_postgres_url: str) -> Iterator[Fleet]:
    """Two nodes, and each other role apart; they hear of each other by the broker, or by asking."""
    environment = {"PARLEY_DATABASE_URL": empty_postgres_url, "PARLEY_SUPERVISOR_SILENT_S": "6"}
    if request.param == "with RabbitMQ":
        environment["PARLEY_BROKER_URL"] = request.getfixturevalue("broker_url")
    yield from running(fleet_of(data, **environment))


@pytest.fixture
def plain(data: Path, empty_postgres_url: str) -> Iterator[Fleet]:
    """The same without a broker, for what has nothing to do with one."""
    yield from running(fleet_of(data, PARLEY_DATABASE_URL=empty_postgres_url))


def running(made: Fleet) -> Iterator[Fleet]:
    """Started, and ended whatever the test does."""
    try:
        made.start()
        yield made
    finally:
        made.end()


@contextlib.asynccontextmanager
async def visits(fleet: Fleet) -> AsyncIterator[None]:
    """New visitors all the time: each must be let in, and its socket welcomed or sent back."""
    failures: list[str] = []
    over = asyncio.Event()
    site = fleet.credentials["site"]

    async def visit() -> None:
        while not over.is_set():
            try:
                await _visit(fleet, site)
            except Exception as error:  # noqa: BLE001  # told below
                failures.append(repr(error))
            await asyncio.sleep(0.02)

    visitor = asyncio.create_task(visit())
    try:
        yield
    finally:
        over.set()
        await visitor
    assert not failures, failures[:3]


async def _visit(fleet: Fleet, site: str) -> None:
    async with httpx.AsyncClient(base_url=fleet.url) as http:
        answer = await http.get("/readyz")
        assert answer.status_code in {200, 503}, answer.text
    session = await visitor_session(fleet.url, site)
    async with Client(session) as visitor:
        assert visitor.welcome or visitor.close_code == 1012, visitor.close_code


# --- renewing -------------------------------------------------------------------------------


async def test_a_rolling_restart_is_no_more_than_a_pause(fleet: Fleet) -> None:
    """All processes are replaced under traffic: nothing lost, doubled, reordered or refused."""
    before = await asyncio.to_thread(fleet.processes)
    async with traffic(fleet), visits(fleet):
        assert fleet.process is not None
        fleet.process.send_signal(signal.SIGHUP)
        await fleet.until_new(*EVERYTHING, before=before)
    after = await asyncio.to_thread(fleet.processes)
    assert all(each["restarts"] == 0 for each in after.values())


async def test_a_socket_is_served_until_its_moment(plain: Fleet) -> None:
    """Told to come back later, clients of a node that is replaced are answered until then."""
    sessions = [await visitor_session(plain.url, plain.credentials["site"]) for _ in range(12)]
    before = await asyncio.to_thread(plain.processes)
    assert plain.process is not None
    async with contextlib.AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(Client(each)) for each in sessions]
        plain.process.send_signal(signal.SIGHUP)
        async with asyncio.TaskGroup() as tasks:
            for client in clients:
                tasks.create_task(_follow_to_its_end(client))
    await plain.until_new(*NODES, before=before)


async def _follow_to_its_end(client: Client) -> None:
    await client.until(lambda: client.saw("goaway"), 60)
    told = time.monotonic()
    (goaway,) = [frame for frame in client.frames if frame["op"] == "goaway"]
    after_s = goaway["reconnect_after_ms"] / 1000
    if after_s > 0.5:
        await client.ack("start", body={"text": "still served"})
    await client.until(lambda: client.close_code is not None)
    assert client.close_code == 1012
    assert time.monotonic() - told > after_s - HEARD_LATE_S


# --- dying ----------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
async def test_clients_go_on_over_the_other_node(fleet: Fleet, number: signal.Signals) -> None:
    """One of two nodes dies or stands still under traffic: the post is filled, nothing is lost."""
    before = await asyncio.to_thread(fleet.processes)
    async with traffic(fleet):
        await asyncio.to_thread(fleet.signal, "node-1", number)
        await fleet.until_new("node-1", before=before)
    after = await asyncio.to_thread(fleet.processes)
    assert (after["node-1"]["restarts"], after["node-2"]["restarts"]) == (1, 0)


async def test_with_the_supervisor_dead_nothing_is_left(plain: Fleet) -> None:
    """Kill -9 of it: its processes end in order, the port is free, and the next start works."""
    session = await visitor_session(plain.url, plain.credentials["site"])
    async with Client(session) as visitor:
        await visitor.ack("start", body={"text": "before"})
        kept = await asyncio.to_thread(plain.processes)
        plain.kill()
        await visitor.until(lambda: visitor.close_code is not None)
        assert visitor.saw("goaway")
        assert visitor.close_code == 1012
    end = time.monotonic() + 10
    while any(Path(f"/proc/{each['pid']}").exists() for each in kept.values()):
        assert time.monotonic() < end
        await asyncio.sleep(0.05)
    with socket.create_server(("127.0.0.1", plain.port)):
        pass
    await asyncio.to_thread(plain.start)
    async with Client(session) as visitor:
        assert visitor.welcome


# --- stopping -------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_clients_do_not_hold_up_the_end(plain: Fleet, number: signal.Signals) -> None:
    """Idle, half-asked and signed-in connections, and a node that stands still: 10 s at most."""
    session = await visitor_session(plain.url, plain.credentials["site"])
    await asyncio.to_thread(plain.signal, "node-2", signal.SIGSTOP)
    with contextlib.ExitStack() as held:
        idle = [
            held.enter_context(socket.create_connection(("127.0.0.1", plain.port)))
            for _ in range(10)
        ]
        for half in idle[:5]:
            half.sendall(b"POST /v1/visitor/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n")
        async with Client(session):
            assert plain.process is not None
            plain.process.send_signal(number)
            assert await asyncio.to_thread(plain.process.wait, 10) == 0


# --- what the operator sees -----------------------------------------------------------------


def told(fleet: Fleet) -> str:
    """What the operator reads once all is ready: the supervisor looks by itself, then says so."""
    end = time.monotonic() + START_S
    while "Parley is ready" not in (said := fleet.log.read_text()):
        assert time.monotonic() < end, said
        time.sleep(0.05)
    return said


def test_the_operator_is_told(plain: Fleet) -> None:
    """Where to click, what runs, how to end it; and of each process how it is."""
    said = told(plain)
    assert plain.process is not None
    assert f"{plain.url}/demo" in said
    assert f"kill -HUP {plain.process.pid}" in said
    assert said.count("Parley is ready") == 1
    kept = plain.processes()
    assert list(kept) == list(EVERYTHING)
    for each in kept.values():
        own = f"http://127.0.0.1:{each['port']}"
        assert httpx.get(f"{own}/readyz").status_code == 200
        assert httpx.get(f"{own}/api/healthz").json()["database"] == "OK"
        assert httpx.get(f"{own}/demo").status_code == 404
    plain.signal("relay-1", signal.SIGSTOP)
    done = plain.parley("processes")
    assert done.returncode == 1
    (row,) = [line for line in done.stdout.splitlines() if line.startswith("relay-1 ")]
    assert "not ready" in row
    second = plain.parley("run", "--port", str(free_port()))
    assert second.returncode == 1
    assert second.stderr.startswith("parley: `parley run` looks after")


def test_the_doctor_looks_at_what_is_kept(fleet: Fleet) -> None:
    """Besides the rest: every process, and RabbitMQ where there is one."""
    done = fleet.parley("doctor", "--json")
    found = {each["part"]: each for each in json.loads(done.stdout)["findings"]}
    assert done.returncode == 0, done.stdout
    assert found["processes"]["detail"] == "6 are kept and ready"
    assert ("RabbitMQ" in found) == ("PARLEY_BROKER_URL" in fleet.environment)
    fleet.signal("relay-1", signal.SIGSTOP)
    done = fleet.parley("doctor", "--json")
    found = {each["part"]: each for each in json.loads(done.stdout)["findings"]}
    assert done.returncode == 1
    assert found["processes"]["detail"] == "relay-1 is not ready"


def test_without_a_database_to_share_it_is_refused(data: Path) -> None:
    """The embedded one is a single process's; the sentence says what to do."""
    server = Server(data)
    done = server.parley("run", "--node", "2")
    assert done.returncode == 1
    assert "name one in PARLEY_DATABASE_URL" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not data.exists()


def test_where_nothing_runs_there_is_nothing_to_list(data: Path) -> None:
    """A sentence, and no directory made."""
    done = Server(data).parley("processes")
    assert done.returncode == 1
    assert "No `parley run` looks after" in done.stderr
    assert not data.exists()


@pytest.mark.parametrize("comes", [True, False])
def test_a_database_that_is_away_is_waited_for(
    data: Path, open_stack: OpenStack, *, comes: bool
) -> None:
    """Nobody is started again and again meanwhile, and whoever waits can be told to end."""
    stack = open_stack("database")
    stack.kill("database")
    fleet = fleet_of(data, PARLEY_DATABASE_URL=stack.urls["database"])
    try:
        fleet.start(wait=False)
        end = time.monotonic() + 30
        while fleet.log.read_text().count("the start waits for it") < fleet.count:
            assert time.monotonic() < end, fleet.log.read_text()[-4000:]
            time.sleep(0.1)
        if comes:
            stack.start("database")
            fleet.wait_ready()
            assert {each["restarts"] for each in fleet.processes().values()} == {0}
        else:
            assert fleet.process is not None
            fleet.process.send_signal(signal.SIGTERM)
            assert fleet.process.wait(10) == 0
    finally:
        fleet.end()


def test_why_a_process_could_not_start_is_said_by_its_name(
    data: Path, empty_postgres_url: str
) -> None:
    """In the log that all share; a wrong login is not waited for."""
    login, _, place = empty_postgres_url.rpartition("@")
    fleet = fleet_of(data, PARLEY_DATABASE_URL=f"{login}wrong@{place}")
    try:
        fleet.start(wait=False)
        end = time.monotonic() + 30
        while "node=relay-1" not in "".join(refusals(fleet)):
            assert time.monotonic() < end, fleet.log.read_text()[-4000:]
            time.sleep(0.1)
        assert all("level=error" in line and "node=" in line for line in refusals(fleet))
    finally:
        fleet.end()


def refusals(fleet: Fleet) -> list[str]:
    """The lines in which somebody says that the database lets nobody in."""
    return [line for line in fleet.log.read_text().splitlines() if "does not let us in" in line]


# --- systemd --------------------------------------------------------------------------------


async def test_a_socket_of_systemds_outlives_the_product(data: Path) -> None:
    """Whoever connects while the product is away waits for it, and is not refused."""
    port = free_port()
    with socket.create_server(("127.0.0.1", port)) as listener:
        url = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(base_url=url, timeout=60) as http:
            early = asyncio.create_task(http.get("/readyz"))
            for _ in range(2):
                process = activated(listener, data)
                try:
                    await until_healthy(http)
                    form: Frame = Server(data).credentials
                    assert form["url"] == url
                    process.send_signal(signal.SIGTERM)
                    assert await asyncio.to_thread(process.wait, 10) == 0
                finally:
                    process.kill()
                    process.wait()
            assert (await early).status_code == 503


async def until_healthy(http: httpx.AsyncClient) -> None:
    """Wait until all is well."""
    while (await http.get("/api/healthz")).status_code != 200:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0.05)


def activated(listener: socket.socket, data: Path) -> subprocess.Popen[bytes]:
    """``parley serve`` as systemd would start it, with the socket as its third descriptor."""
    program = [sys.executable, "-m", "ops", "serve", "--demo", "--port", "1", "--data", str(data)]
    with (data.parent / "activated.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-c", AS_SYSTEMD, str(listener.fileno()), *program],
            cwd=CHECKOUT,
            env=clean_environment(),
            pass_fds=[listener.fileno()],
            stdout=log,
            stderr=log,
        )


AS_SYSTEMD = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.argv[2], sys.argv[2:])
"""
