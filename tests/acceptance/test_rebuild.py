"""``parley projection`` on real processes: beside a running product, killed, and gone on with."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from typing import Any

import asyncpg

from tests.acceptance.test_cli import parley, refusal
from tests.fixtures.client import Client, new_id, visitor_session
from tests.fixtures.server import CHECKOUT, Server, clean_environment

KILLS = 2
ROWS = "SELECT id, version, position, status FROM rm.session_2 ORDER BY id"
SMALL = {"PARLEY_BUILD_PAGE_EVENTS": "1", "PARLEY_BUILD_WORKERS": "1"}
"""A page is one event, so that a kill comes in the middle."""


async def chat(server: Server, messages: int) -> None:
    """Say so much in a new conversation."""
    session = await visitor_session(server.url, server.credentials["site"])
    async with Client(session) as client:
        started = await client.ack("start", body={"text": "hello"})
        for _ in range(messages - 1):
            await client.ack(
                "post", id=new_id(), conversation=started["conversation"], body={"text": "on"}
            )


def test_killed_again_and_again_it_goes_on_while_people_chat(own_server: Server) -> None:
    """Kill -9 of the command in the middle, several times; then it ends, and nothing is twice."""
    asyncio.run(chat(own_server, 40))
    reached = [0]
    for _ in range(KILLS):
        reached.append(_killed(own_server, reached[-1]))
        asyncio.run(chat(own_server, 2))
    assert reached[-1] > 0
    done = parley(own_server.data, "projection", "rebuild", "--all", "--json", **SMALL)
    assert done.returncode == 0, done.stderr
    last = json.loads(done.stdout.splitlines()[-1])
    assert last["done"] == last["total"] > reached[-1]
    built = asyncio.run(_rows(own_server))
    assert len(built) == 1 + KILLS
    undone = parley(own_server.data, "projection", "rebuild", "sessions", "--undo")
    assert (undone.returncode, undone.stderr) == (0, "")


def _killed(server: Server, beyond: int) -> int:
    """Kill a rebuild with all its processes once it is further than that; how far it was."""
    command = [sys.executable, "-m", "ops", "projection", "rebuild", "--all", "--json"]
    rebuilding = subprocess.Popen(
        [*command, "--data", str(server.data)],
        cwd=CHECKOUT,
        env=clean_environment(**SMALL),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    done = 0
    with rebuilding:
        assert rebuilding.stdout is not None
        for line in rebuilding.stdout:
            done = json.loads(line)["done"]
            if done > beyond:
                break
        os.killpg(rebuilding.pid, signal.SIGKILL)
    return done


async def _rows(server: Server) -> list[Any]:
    """The sessions as they are now, once projectors have all; and that a rebuild finds the same."""
    connection = await asyncpg.connect(server.credentials["database_url"])
    try:
        ends = time.monotonic() + 30
        while await connection.fetchval(
            "SELECT max(e.position) > (SELECT min(k.position) FROM es.checkpoint AS k"
            " WHERE k.projection = 'sessions.2') FROM es.event AS e"
        ):
            assert time.monotonic() < ends
            await asyncio.sleep(0.1)
        rows = await connection.fetch(ROWS)
        wanted = await connection.fetch(
            "SELECT replace(stream, 'conversation-', '') AS id, max(version) AS version,"
            " max(position) AS position FROM es.event WHERE stream LIKE 'conversation-%'"
            " GROUP BY stream ORDER BY 1"
        )
    finally:
        await connection.close()
    assert [tuple(row)[:3] for row in rows] == [*map(tuple, wanted)]
    return rows


def test_what_it_refuses_is_a_sentence(own_server: Server) -> None:
    """Names that nobody has, nothing to undo, nothing parked."""
    data = own_server.data
    assert "There is no projection 'x'" in refusal(parley(data, "projection", "rebuild", "x"))
    undo = parley(data, "projection", "rebuild", "agents", "--undo")
    assert "There is nothing to go back to" in refusal(undo)
    place = ("--tenant", "demo", "--position", "3")
    replay = parley(data, "projection", "replay", "sessions", *place)
    assert "Position 3 of demo is not parked by sessions." in refusal(replay)
    listed = parley(data, "projection", "list", "--json")
    names = {json.loads(line)["projection"] for line in listed.stdout.splitlines()}
    assert {"sessions", "agents", "webhooks"} <= names
