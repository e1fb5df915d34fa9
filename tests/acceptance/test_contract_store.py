"""The contract's words on the store, by SQL of our own and the chain written down anew."""

from __future__ import annotations

import hashlib
import shutil
import struct
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from tests.fixtures.client import Client, agent_session, visitor_session
from tests.fixtures.server import Server

SECRET = "Sentinel"
START = datetime(1970, 1, 1, tzinfo=UTC)


def number(value: int) -> bytes:
    """Eight bytes, big-endian."""
    return struct.pack(">q", value)


def hashed(previous: bytes, row: Any) -> bytes:
    """The chain hash of a row, from the words of the architecture alone."""
    fields = [
        row["tenant"].bytes,
        number(row["position"]),
        row["stream"].encode(),
        number(row["version"]),
        row["type"].encode(),
        number(row["schema_version"]),
        row["event_id"].bytes,
        row["actor_role"].encode(),
        row["actor_id"].encode(),
        number((row["recorded_at"] - START) // timedelta(microseconds=1)),
        row["key_id"].bytes,
        row["metadata"],
        row["data"],
    ]
    parts = b"".join(struct.pack(">I", len(each)) + each for each in fields)
    return hashlib.sha256(previous + b"\x01" + parts).digest()


async def talk(server: Server) -> None:
    """Say something in every place where a person can."""
    site = server.credentials["site"]
    page = {"url": f"http://x.example/{SECRET}", "title": SECRET, "referrer": f"http://{SECRET}/"}
    session = await visitor_session(server.url, site, page=page)
    mia = await agent_session(server.url, "demo", server.credentials["agents"][0])
    async with Client(session) as visitor, Client(mia) as agent:
        body = {"text": SECRET}
        named = {"conversation": (await visitor.ack("start", body=body, page=page))["conversation"]}
        await visitor.ack("page", page=page)
        await visitor.ack("post", **named, body={"text": f"{SECRET} " * 500})
        await visitor.ack("rate", **named, rating=1, comment=SECRET)
        await agent.ack("post", **named, body=body)
        await agent.ack("post", **named, body=body, note=True)
        await agent.ack("tag", **named, tags=[SECRET])
        position = (await agent.ack("close", **named))["position"]
        assert position


async def test_the_chain_is_as_the_architecture_says(server: Server) -> None:
    """Every hash in the store follows from the row and the one before, byte by byte."""
    await talk(server)
    connection = await asyncpg.connect(server.credentials["database_url"])
    try:
        rows = await connection.fetch("SELECT * FROM es.event ORDER BY tenant, position")
    finally:
        await connection.close()
    before: dict[Any, Any] = {}
    versions: dict[Any, int] = {}
    for row in rows:
        log, stream = row["tenant"], (row["tenant"], row["stream"])
        last = before.get(log)
        first = hashlib.sha256(b"parley.log.1" + log.bytes).digest()
        assert row["hash"] == hashed(last["hash"] if last else first, row), row["position"]
        assert row["position"] == (last["position"] if last else 0) + 1
        assert last is None or last["recorded_at"] < row["recorded_at"]
        assert row["version"] == versions.get(stream, 0) + 1
        before[log], versions[stream] = row, row["version"]
    assert rows


async def test_nothing_that_a_person_wrote_is_in_plaintext(own_server: Server) -> None:
    """No table and no file of the data directory holds it, in letters or in hex."""
    await talk(own_server)
    own_server.parley(
        *("agent", "create", "--tenant", "demo", "--email", f"{SECRET}@x.example"),
        *("--name", SECRET),
    )
    connection = await asyncpg.connect(own_server.credentials["database_url"])
    try:
        tables = await connection.fetch(
            "SELECT format('%I.%I', table_schema, table_name) AS name"
            " FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
        )
        needles = [f"%{each}%" for each in (SECRET, SECRET.encode().hex(), "mia@demo.example")]
        for table in tables:
            query = f"SELECT count(*) FROM {table['name']} AS t WHERE t::text ILIKE ANY ($1)"
            assert await connection.fetchval(query, needles) == 0, table["name"]
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()
    assert own_server.stop() == 0
    for path in own_server.data.parent.rglob("*"):
        if path.is_file():
            assert SECRET.encode() not in path.read_bytes(), path


async def test_the_database_is_a_superusers_and_durable(server: Server) -> None:
    """The promised role, settings and columns; nothing in the log can be changed."""
    connection = await asyncpg.connect(server.credentials["database_url"])
    try:
        rolsuper = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
        assert await connection.fetchval(rolsuper)
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            assert await connection.fetchval(f"SHOW {setting}") == "on"
        columns = "tenant, position, stream, version, type, event_id, recorded_at, data, hash"
        assert await connection.fetchrow(f"SELECT {columns} FROM es.event LIMIT 1")
        for change in (
            "UPDATE es.event SET type = type",
            "DELETE FROM es.event WHERE position = 1",
            "TRUNCATE es.event CASCADE",
        ):
            with pytest.raises(asyncpg.PostgresError, match="refused"):
                await connection.execute(change)
    finally:
        await connection.close()


async def test_a_directory_put_back_is_another_history(own_server: Server) -> None:
    """Behind what clients know it is ``ahead``; grown beyond it, the mark tells: ``history``."""
    session = await visitor_session(own_server.url, own_server.credentials["site"])
    mia = await agent_session(own_server.url, "demo", own_server.credentials["agents"][0])
    async with Client(session) as visitor:
        conversation = (await visitor.ack("start", body={"text": "kept"}))["conversation"]
    feed = f"conversation:{conversation}"
    assert own_server.stop() == 0
    copy = own_server.data.with_name("copy")
    shutil.copytree(own_server.data, copy, symlinks=True)
    for path in copy.rglob("*"):  # the database's directory belongs to its own user
        owner = (own_server.data / path.relative_to(copy)).lstat()
        shutil.chown(path, owner.st_uid, owner.st_gid)
    own_server.start()
    lost = {"conversation": conversation, "body": {"text": "lost"}}
    async with Client(session, {feed: 0}) as visitor, Client(mia, {"inbox": 0}) as agent:
        for _ in range(5):
            await visitor.ack("post", **lost)
        await visitor.until(lambda: visitor.offsets[feed] == 7)
        await agent.until(lambda: "lost" in agent.texts("inbox")[4:])
        known = {feed: visitor.offsets[feed]}, {"marks": dict(visitor.marks)}
        desk = dict(agent.offsets), {"marks": dict(agent.marks)}
        epoch = visitor.welcome["epoch"]
    assert own_server.stop() == 0
    shutil.rmtree(own_server.data)
    copy.rename(own_server.data)
    own_server.start()

    async def reason(who: Any, state: tuple[dict[str, int], dict[str, Any]]) -> str:
        async with Client(who, state[0], epoch=epoch, **state[1]) as client:
            await client.until(lambda: client.saw("reset") or client.saw("live"))
            return next((f["reason"] for f in client.frames if f["op"] == "reset"), "live")

    assert await reason(session, known) == "ahead"
    assert await reason(mia, desk) == "ahead"
    async with Client(session) as visitor:
        for _ in range(10):
            await visitor.ack("post", conversation=conversation, body={"text": "new"})
    assert await reason(session, known) == "history"
    assert await reason(mia, desk) == "history"


def test_credentials_are_for_their_owner_only(own_server: Server) -> None:
    """A mode that somebody opened is 0600 again when the product runs again."""
    path = own_server.data / "credentials.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert own_server.stop() == 0
    path.chmod(0o644)
    own_server.start()
    assert path.stat().st_mode & 0o777 == 0o600


async def test_another_history_is_noticed_while_running(own_server: Server) -> None:
    """After a failover below a running product its sockets are sent away, to begin anew."""
    session = await visitor_session(own_server.url, own_server.credentials["site"])
    async with Client(session) as visitor:
        feed = f"conversation:{(await visitor.ack('start'))['conversation']}"
        await visitor.follow(feed)
        epoch = visitor.welcome["epoch"]
        connection = await asyncpg.connect(own_server.credentials["database_url"])
        # As if the server had been promoted: the timeline is another than the one noted.
        await connection.execute("UPDATE es.installation SET timeline = timeline + 1")
        await connection.close()
        await visitor.until(lambda: visitor.close_code is not None)
        assert visitor.close_code == 1012
    async with Client(session, {feed: visitor.offsets[feed]}, epoch=epoch) as visitor:
        await visitor.until(lambda: visitor.saw("reset", feed=feed, reason="history"))
        assert visitor.welcome["epoch"] != epoch
