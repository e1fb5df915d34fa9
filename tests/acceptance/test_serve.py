"""``parley serve`` on real processes: start, stop, death, and what is there after each."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.fixtures.client import Client, agent_session, visitor_session
from tests.fixtures.server import (
    CHECKOUT,
    Server,
    clean_environment,
    data_directory,
    free_port,
)

PATIENCE_S = 30.0


@pytest.fixture
def data() -> Iterator[Path]:
    """A directory of the test's own."""
    with data_directory() as path:
        yield path


@pytest.fixture
def own(data: Path) -> Iterator[Server]:
    """A product that runs for the first time, where there was no directory."""
    server = Server(data)
    try:
        yield server.start()
    finally:
        server.end()


def until(holds: Callable[[], bool]) -> None:
    """Wait for something that must come."""
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


def secrets_of(form: dict[str, Any]) -> dict[str, Any]:
    """What of the credentials may never change."""
    return {name: value for name, value in form.items() if name not in {"url", "database_url"}}


async def sign_in(server: Server) -> None:
    """Everybody in the credentials can sign in, and the site takes visitors."""
    credentials = server.credentials
    for account in (credentials["admin"], *credentials["agents"]):
        await agent_session(server.url, "demo", account)
    await visitor_session(server.url, credentials["site"])


# --- credentials ----------------------------------------------------------------------------


async def test_the_demonstration_is_as_promised(own: Server) -> None:
    """The file has the documented shape, is ours alone, and everything in it opens its door."""
    credentials = own.credentials
    assert list(credentials) == [
        "url", "tenant", "site", "site_secret", "api_key", "database_url", "admin", "agents",
    ]  # fmt: skip
    assert (credentials["url"], credentials["tenant"]) == (own.url, "demo")
    assert len(credentials["agents"]) == 2
    assert stat.S_IMODE((own.data / "credentials.json").stat().st_mode) == 0o600
    assert not (own.data / "credentials.pending.json").exists()
    await sign_in(own)
    key = {"Authorization": f"Bearer {credentials['api_key']}"}
    assert httpx.get(f"{own.url}/v1/conversations", headers=key).status_code == 200


async def test_secrets_stay_and_addresses_follow(own_server: Server) -> None:
    """A later start on another port changes the URLs, and nothing else, in the file or the log."""
    before = own_server.credentials
    head = own_server.parley("log", "head", "--tenant", "demo", "--json").stdout
    assert own_server.stop() == 0
    again = Server(own_server.data)
    try:
        again.start()
        assert secrets_of(again.credentials) == secrets_of(before)
        assert again.credentials["url"] == again.url != before["url"]
        assert again.parley("log", "head", "--tenant", "demo", "--json").stdout == head
        await sign_in(again)
    finally:
        again.end()


async def test_a_demonstration_cut_short_is_completed(data: Path) -> None:
    """Killed while it is made, the next start completes it with the secrets drawn first."""
    first = Server(data)
    first.start(wait=False)
    pending = data / "credentials.pending.json"
    try:
        until(pending.exists)
        drawn = json.loads(pending.read_text())
    finally:
        first.kill()
    again = Server(data)
    try:
        again.start()
        assert secrets_of(again.credentials) == secrets_of(drawn)
        await sign_in(again)
    finally:
        again.end()


async def test_lost_credentials_are_replaced(own_server: Server) -> None:
    """With the file gone, the site stays and the people get new passwords that work."""
    before = own_server.credentials
    assert own_server.stop() == 0
    (own_server.data / "credentials.json").unlink()
    own_server.start()
    after = own_server.credentials
    assert (after["site"], after["site_secret"]) == (before["site"], before["site_secret"])
    assert after["admin"]["password"] != before["admin"]["password"]
    await sign_in(own_server)


def test_what_is_printed_is_one_block_without_secrets(own: Server) -> None:
    """Where to click, and one agent of the demonstration; keys and other passwords are not told."""
    assert own.stop() == 0
    said = own.log.read_text()
    credentials = own.credentials
    assert f"{own.url}/demo" in said
    assert f"{own.url}/desk" in said
    assert str(own.data / "credentials.json") in said
    assert credentials["agents"][0]["password"] in said
    hidden = [credentials["api_key"], credentials["site_secret"], credentials["admin"]["password"]]
    hidden += (own.data / "master.key").read_text().splitlines()[-1:]
    assert not [secret for secret in hidden if secret in said]


def test_missing_pages_are_warned_of(own_data: Path) -> None:
    """A directory that was never built is said to be: without that there was only a 404."""
    server = Server(own_data, PARLEY_WEB="/nope")
    try:
        server.start()
        until(lambda: "no pages" in server.log.read_text())
        assert "parley: /nope is not built: there are no pages" in server.log.read_text()
    finally:
        server.end()


# --- starting -------------------------------------------------------------------------------


def test_while_it_starts_it_says_so(data: Path) -> None:
    """Whoever asks before the product serves is told 503, and later 200: never that it is well."""
    server = Server(data)
    server.start(wait=False)
    try:
        until(lambda: answers(f"{server.url}/readyz", 503))
        until(lambda: answers(f"{server.url}/api/healthz", 503))
        until(server.healthy)
        assert (data / "credentials.json").exists()
        assert status_of(server, "/readyz") == 200
    finally:
        server.end()


# --- stopping -------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_clients_do_not_hold_up_the_end(own_server: Server, number: signal.Signals) -> None:
    """Idle, half-asked, signed-in and unreading connections: status 0 in the time promised."""
    assert own_server.process is not None
    session = await visitor_session(own_server.url, own_server.credentials["site"])
    with contextlib.ExitStack() as held:
        idle = [held.enter_context(connection(own_server)) for _ in range(20)]
        for half in idle[:10]:
            half.sendall(b"POST /v1/visitor/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n")
        idle[0].sendall(b"\r\n{")
        async with Client(session):
            own_server.process.send_signal(number)
            assert own_server.process.wait(10) == 0
    until(lambda: not (own_server.data / "postgres" / "data" / "postmaster.pid").exists())


def connection(server: Server) -> socket.socket:
    """A plain connection that reads nothing."""
    return socket.create_connection(("127.0.0.1", server.port))


@pytest.mark.parametrize("moment", ["at once", "with its PostgreSQL", "with its credentials"])
def test_a_stop_while_starting_is_a_clean_one(data: Path, moment: str) -> None:
    """Whenever it comes, a stop before the product serves is status 0, and the next start works."""
    sign = {
        "at once": data.parent,
        "with its PostgreSQL": data / "postgres" / "data" / "postmaster.pid",
        "with its credentials": data / "credentials.pending.json",
    }[moment]
    server = Server(data)
    server.start(wait=False)
    assert server.process is not None
    if moment == "at once":
        until(lambda: handles_stop(server.process))
    until(sign.exists)
    assert server.stop() == 0
    server.start()
    assert server.stop() == 0


def handles_stop(process: subprocess.Popen[bytes] | None) -> bool:
    """Whether the process has got as far as to answer SIGTERM itself."""
    assert process is not None
    status = Path(f"/proc/{process.pid}/status").read_text()
    (caught,) = [line.split()[1] for line in status.splitlines() if line.startswith("SigCgt")]
    return bool(int(caught, 16) & 1 << (signal.SIGTERM - 1))


# --- dying ----------------------------------------------------------------------------------


async def test_after_a_kill_the_next_start_needs_nobody(own_server: Server) -> None:
    """Kill -9 of the product: the next start serves, with everything that was acknowledged."""
    session = await visitor_session(own_server.url, own_server.credentials["site"])
    async with Client(session) as visitor:
        started = await visitor.ack("start", body={"text": "before"})
    own_server.kill()
    own_server.start()
    stream = f"conversation-{started['conversation']}"
    done = own_server.parley("log", "read", "--tenant", "demo", "--stream", stream, "--json")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["type"] for event in events] == ["conversation.started", "message.posted"]
    assert events[1]["data"]["body"]["text"] == "before"


async def test_after_a_kill_of_postgres_the_product_goes_on(own_server: Server) -> None:
    """Kill -9 of PostgreSQL alone: the product starts it again and stays itself."""
    assert own_server.process is not None
    old = own_server.postgres()
    old.kill()
    until(lambda: postgres_of(own_server) not in {None, old.pid})
    until(lambda: own_server.healthy() and status_of(own_server, "/readyz") == 200)
    assert own_server.process.poll() is None
    await sign_in(own_server)


async def test_a_frozen_postgres_makes_the_node_unready_not_dead(own_server: Server) -> None:
    """While PostgreSQL stands still, readyz and healthz say 503; when it goes on, 200."""
    postgres = own_server.postgres()
    workers = [postgres, *postgres.children(recursive=True)]
    for each in workers:
        each.suspend()
    try:
        until(lambda: status_of(own_server, "/readyz") == 503)
        assert status_of(own_server, "/api/healthz") == 503
    finally:
        for each in workers:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.resume()
    until(
        lambda: (
            status_of(own_server, "/readyz") == 200 and status_of(own_server, "/api/healthz") == 200
        )
    )


def postgres_of(server: Server) -> int | None:
    """The process id of the product's PostgreSQL; None while it has none that lives."""
    with contextlib.suppress(AssertionError, psutil.Error):
        found = server.postgres()
        return None if found.status() == psutil.STATUS_ZOMBIE else found.pid
    return None


def status_of(server: Server, path: str) -> int:
    """The status with which the product answers."""
    return httpx.get(f"{server.url}{path}", timeout=PATIENCE_S).status_code


# --- roles ----------------------------------------------------------------------------------


def test_a_role_runs_alone(own_server: Server) -> None:
    """A second process beside it, on the same database, is only what its role says."""
    port = free_port()
    environment = clean_environment(
        PARLEY_DATABASE_URL=own_server.credentials["database_url"],
        PARLEY_MASTER_KEY=(own_server.data / "master.key").read_text(),
    )
    command = [sys.executable, "-m", "ops", "serve", "--roles", "projector", "--port", str(port)]
    other = subprocess.Popen(
        [*command, "--data", str(own_server.data.parent / "other")], cwd=CHECKOUT, env=environment
    )
    try:
        base = f"http://127.0.0.1:{port}"
        until(lambda: answers(f"{base}/readyz"))
        assert httpx.get(f"{base}/api/healthz").status_code == 200
        for path in ("/demo", "/desk", "/v1/conversations", "/ws/visitor"):
            assert httpx.get(f"{base}{path}").status_code == 404
        other.terminate()
        assert other.wait(10) == 0
    finally:
        other.kill()
        other.wait()
    assert own_server.healthy()
    assert not (own_server.data.parent / "other").exists()


def answers(url: str, status: int = 200) -> bool:
    """Whether it answers so."""
    try:
        return httpx.get(url).status_code == status
    except httpx.TransportError:
        return False
