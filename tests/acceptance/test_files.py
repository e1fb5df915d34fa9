"""Files through the running product: between people, through kills, over several nodes."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
from PIL import Image

from tests.fixtures.client import Client, agent_session, visitor_session
from tests.fixtures.object_store import ObjectStore
from tests.fixtures.postgres import MASTER_KEY
from tests.fixtures.product import copied
from tests.fixtures.server import Server, data_directory
from tests.fixtures.uploading import bearer, begin, fetch, picture, put, send

PATIENCE_S = 20.0
NAME = "Rechnung von Ada.txt"
LETTER = b"Dear shop, the kettle leaks. Ada\n" * 20_000  # three chunks


def until(holds: Callable[[], bool]) -> None:
    """Wait for something that must come."""
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


def stored_in(data: Path) -> list[Path]:
    """What lies in the store of a product's own."""
    return [path for path in (data / "files").rglob("*") if path.is_file()]


async def visitor_of(server: Server) -> dict[str, Any]:
    """A visitor's session."""
    return await visitor_session(server.url, server.credentials["site"])


async def agent_of(server: Server) -> dict[str, Any]:
    """An agent's session."""
    said = server.credentials
    return await agent_session(server.url, said["tenant"], said["agents"][0])


async def test_files_go_between_a_visitor_and_an_agent(server: Server) -> None:
    """Sent, seen and downloaded on both sides, by nobody else; what is not taken is told."""
    ada, eve, agent = await visitor_of(server), await visitor_of(server), await agent_of(server)
    async with httpx.AsyncClient(base_url=server.url) as http, Client(ada) as visitor:
        photo = (await send(http, ada["token"], "kettle.png", picture(size=(900, 600)))).json()
        began = await visitor.ack("start", body={"file": photo["file"]})
        feed = f"conversation:{began['conversation']}"
        async with Client(agent, {feed: 0}) as desk:
            await desk.until(lambda: "message.posted" in desk.types(feed))
            shown = desk.events[feed][-1]["data"]
            assert shown["body"] == {"file": photo["file"]}
            assert shown["file"]["name"] == "kettle.png"
            assert (shown["file"]["width"], shown["file"]["thumbnail"]) == (900, True)
            where = {"conversation": began["conversation"]}
            answer = (await send(http, agent["token"], "answer.txt", b"Dear Ada", **where)).json()
            assert (await fetch(http, ada["token"], answer["file"])).status_code == 404
            await desk.ack("post", **where, body={"file": answer["file"]})
            assert await desk.refused("post", **where, body={"file": str(uuid4())}) == "not_found"
        assert (await fetch(http, ada["token"], answer["file"])).content == b"Dear Ada"
        small = await fetch(http, agent["token"], photo["file"], "/thumbnail")
        assert Image.open(io.BytesIO(small.content)).size == (480, 320)
        assert (await fetch(http, eve["token"], photo["file"])).status_code == 404
        assert (await fetch(http, eve["token"], photo["file"], "/thumbnail")).status_code == 404
        false = await send(http, ada["token"], "kettle.png", b"<script>alert(1)</script>")
        assert (false.status_code, false.json()["code"]) == (415, "type_mismatch")
        vast = await begin(http, ada["token"], "film.mp4", 20 * 2**20 + 1)
        assert (vast.status_code, vast.json()["code"]) == (413, "too_large")
        page = {"Origin": "https://shop.example", "Access-Control-Request-Method": "PUT"}
        asked = await http.options(f"/v1/files/{photo['file']}", headers=page)
        assert "PUT" in asked.headers["access-control-allow-methods"]


@contextmanager
def impatient(demonstration: Path) -> Iterator[Server]:
    """A product that sweeps often and soon asks anew for keys."""
    with copied(demonstration) as data:
        soon = {"PARLEY_FILES_SWEEP_S": "0.1", "PARLEY_POSTGRES_KEY_CACHE_AGE_S": "0.1"}
        server = Server(data, None, **soon)
        try:
            yield server.start()
        finally:
            server.end()


async def test_a_file_outlives_a_kill_and_no_erasure(demonstration: Path) -> None:
    """It goes on where it was when its server is killed; when its visitor is erased, all goes."""
    with impatient(demonstration) as server:
        ada, agent = await visitor_of(server), await agent_of(server)
        async with httpx.AsyncClient(base_url=server.url) as http:
            said = (await begin(http, ada["token"], NAME, len(LETTER))).json()
            file, chunk = said["file"], said["chunk_bytes"]
            await put(http, ada["token"], file, 0, LETTER[:chunk])
            server.kill()
            server.start()
            headers = bearer(ada["token"])
            far = (await http.get(f"/v1/files/{file}", headers=headers)).json()["received"]
            assert far == chunk
            for offset in range(far, len(LETTER), chunk):
                await put(http, ada["token"], file, offset, LETTER[offset : offset + chunk])
            async with Client(ada) as visitor:
                await visitor.ack("start", body={"file": file})
            assert (await fetch(http, agent["token"], file)).content == LETTER
            lying = stored_in(server.data)
            assert len(lying) == 3
            assert not any(b"kettle" in each.read_bytes() for each in lying)
            await erase(server, f"visitor-{ada['visitor']}")
            until(lambda: not stored_in(server.data))
            assert (await fetch(http, agent["token"], file)).status_code in {404, 410}


async def erase(server: Server, subject: str) -> None:
    """Destroy a subject's key."""
    connection = await asyncpg.connect(server.credentials["database_url"])
    try:
        log = await connection.fetchval("SELECT id FROM es.log")
        name = await connection.fetchval("SELECT name FROM es.file")
        assert b"Ada" not in name
        await connection.execute("SELECT es.destroy_key($1, $2, $3)", log, subject, uuid4())
    finally:
        await connection.close()


async def test_nodes_of_several_machines_share_a_bucket(
    postgres_url: str, object_store: ObjectStore
) -> None:
    """One takes the first chunk, another the rest; each gives out all of it."""
    shared = {
        f"PARLEY_FILES_{name.upper()}": each for name, each in object_store.settings().items()
    }
    shared |= {"PARLEY_DATABASE_URL": postgres_url, "PARLEY_MASTER_KEY": MASTER_KEY.hex()}
    with data_directory() as here, data_directory() as there:
        one, two = Server(here, None, **shared), Server(there, None, **shared)
        try:
            one.start()
            two.start()
            ada = await visitor_of(one)
            async with (
                httpx.AsyncClient(base_url=one.url) as first,
                httpx.AsyncClient(base_url=two.url) as second,
            ):
                said = (await begin(first, ada["token"], NAME, len(LETTER))).json()
                file, chunk = said["file"], said["chunk_bytes"]
                answers = [
                    await put(http, ada["token"], file, at, LETTER[at : at + chunk])
                    for http, at in ((first, 0), (second, chunk), (second, 2 * chunk))
                ]
                assert answers[-1].json()["name"] == NAME
                for http in (first, second):
                    assert (await fetch(http, ada["token"], file)).content == LETTER
                well = (await second.get("/api/healthz")).json()
            assert well["files"] == "OK"
            assert len([name for name in object_store.names() if file in name]) == 3
            assert not (there / "files").exists()
        finally:
            one.end()
            two.end()
