"""Pull the plug in the middle of traffic: nothing acknowledged is lost, doubled or reordered."""

from __future__ import annotations

import asyncio
import signal

import httpx

from tests.fixtures.client import Client, new_id, visitor_session
from tests.fixtures.server import Server, data_directory
from tests.fixtures.traffic import traffic


async def test_kill_the_server(own_server: Server) -> None:
    """Kill -9 of the server alone, three times; the next start needs nobody's help."""
    async with traffic(own_server):
        for _ in range(3):
            own_server.kill()
            await asyncio.to_thread(own_server.start)
            await asyncio.sleep(0.7)


async def test_kill_the_server_and_its_postgres(own_server: Server) -> None:
    """Kill -9 of both at once: all that they had in memory is gone."""
    async with traffic(own_server):
        postgres = own_server.postgres()
        own_server.kill()
        if postgres.is_running():
            postgres.kill()
        await asyncio.to_thread(own_server.start)


async def test_kill_postgres(own_server: Server) -> None:
    """Kill -9 of PostgreSQL alone: ``unavailable`` for a moment, then all goes on."""
    async with traffic(own_server):
        for _ in range(2):
            own_server.postgres().kill()
            await asyncio.sleep(1.0)
            await asyncio.to_thread(own_server.wait_ready)


async def test_stop_and_start(own_server: Server) -> None:
    """A planned restart: clients are told with ``goaway``, and the status is 0."""
    async with traffic(own_server):
        assert await asyncio.to_thread(own_server.stop) == 0
        await asyncio.to_thread(own_server.start)


async def test_postgres_stands_still(own_server: Server) -> None:
    """SIGSTOP of PostgreSQL: nothing is acknowledged while it stands; later all goes on."""
    async with traffic(own_server):
        postgres = own_server.postgres()
        family = [postgres, *postgres.children(recursive=True)]
        for process in family:
            process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(3.0)
        for process in family:
            if process.is_running():
                process.send_signal(signal.SIGCONT)


async def test_while_postgres_is_away_commands_are_unavailable(own_server: Server) -> None:
    """The answer has the code and says when to try again; the socket stays open."""
    credentials = own_server.credentials
    session = await visitor_session(own_server.url, credentials["site"])
    async with Client(session) as visitor:
        conversation = (await visitor.ack("start"))["conversation"]
        postgres = own_server.postgres()
        postgres.send_signal(signal.SIGSTOP)
        backends = postgres.children(recursive=True)
        for process in backends:
            process.send_signal(signal.SIGSTOP)
        answer = await visitor.call("post", conversation=conversation, body={"text": "x"})
        assert answer["code"] == "unavailable"
        assert answer["retry_after_ms"] > 0
        for process in (postgres, *backends):
            process.send_signal(signal.SIGCONT)
        await asyncio.to_thread(own_server.wait_ready)
        await visitor.send("ping", n=1)
        await visitor.until(lambda: visitor.saw("pong", n=1))


async def test_goaway_comes_before_the_end() -> None:
    """SIGTERM: every socket gets ``goaway`` with a delay, then 1012; the status is 0."""
    with data_directory() as data:
        server = Server(data).start()
        try:
            session = await visitor_session(server.url, server.credentials["site"])
            async with Client(session) as visitor:
                status = await asyncio.to_thread(server.stop)
                await visitor.until(lambda: visitor.close_code is not None)
                assert visitor.saw("goaway")
                assert visitor.close_code == 1012
                assert status == 0
        finally:
            server.end()


async def test_while_draining_it_says_that_it_is_not_ready(own_server: Server) -> None:
    """As long as answers are due after SIGTERM, a load balancer that asks is told 503."""
    session = await visitor_session(own_server.url, own_server.credentials["site"])
    async with Client(session) as visitor, httpx.AsyncClient(base_url=own_server.url) as http:
        conversation = (await visitor.ack("start"))["conversation"]
        postgres = own_server.postgres()
        family = [postgres, *postgres.children(recursive=True)]
        for process in family:
            process.send_signal(signal.SIGSTOP)
        await visitor.send("post", id=new_id(), conversation=conversation, body={"text": "x"})
        await visitor.send("ping", n=1)
        await visitor.until(lambda: visitor.saw("pong", n=1))
        assert (await http.get("/readyz")).status_code == 200
        assert own_server.process is not None
        own_server.process.send_signal(signal.SIGTERM)
        await visitor.until(lambda: visitor.saw("goaway"))
        assert (await http.get("/readyz")).status_code == 503
        for process in family:
            process.send_signal(signal.SIGCONT)
        assert await asyncio.to_thread(own_server.process.wait, 10) == 0
