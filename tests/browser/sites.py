"""Sites of a test's own, with what their owners say, on a page that embeds them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from html import escape
from typing import Any

import httpx
from playwright.async_api import Page, Route, WebSocketRoute, expect

from tests.fixtures.client import Client, agent_session
from tests.fixtures.server import Server

SHOP = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><main><h1>Shop</h1><p>Goods</p><div id="chat"></div></main>{tag}</body></html>"""

TALKS = """async () => {
  const name = Object.keys(localStorage).find(key => key.endsWith(":visit"))?.slice(0, -6);
  if (!name) return {};
  const db = await new Promise(done => {
    const asked = indexedDB.open(name);
    asked.onsuccess = () => done(asked.result);
  });
  const rows = await new Promise(done => {
    const asked = db.transaction("keep").objectStore("keep").getAll();
    asked.onsuccess = () => done(asked.result);
  });
  const current = rows.find(row => row.key === "current");
  return rows.find(row => row.key === `visitor:${current?.visitor}`) ?? {};
}"""


class Owner:
    """Somebody who administers the demonstration, by HTTP."""

    def __init__(self, server: Server, token: str) -> None:
        self._server = server
        self._headers = {"Authorization": f"Bearer {token}"}

    async def _ask(self, method: str, path: str, body: Any) -> dict[str, Any]:
        url = f"{self._server.url}/v1/settings/{path}"
        async with httpx.AsyncClient() as http:
            answer = await http.request(method, url, json=body, headers=self._headers)
        assert answer.status_code < 300, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def site(self, name: str, **appearance: Any) -> str:
        """A new site that looks so."""
        site: str = (await self._ask("POST", "sites", {"name": name, "origins": []}))["site"]
        await self._ask("PUT", f"sites/{site}/appearance", appearance)
        return site

    async def origins(self, site: str, origins: list[str]) -> None:
        """Only pages of these may have the chat."""
        await self._ask("PUT", f"sites/{site}", {"name": "Shop", "origins": origins})

    async def welcome(self, site: str, rule: str, **value: Any) -> None:
        """A rule of this site alone."""
        value = {"name": rule, "enabled": True, "sites": [site], **value}
        await self._ask("PUT", f"welcomes/{rule}", value)

    async def department(self, department: str, name: str) -> None:
        """A department that visitors may choose."""
        await self._ask("PUT", f"departments/{department}", {"name": name, "offered": True})


async def an_owner(server: Server) -> Owner:
    """The demonstration's administrator."""
    admin = server.credentials["admin"]
    session = await agent_session(server.url, server.credentials["tenant"], admin)
    return Owner(server, session["token"])


async def an_agent_socket(server: Server) -> Client:
    """The first of the demo's agents, on a socket of its own."""
    account = server.credentials["agents"][0]
    return Client(await agent_session(server.url, server.credentials["tenant"], account))


class Shop:
    """Pages of an origin of their own, each of which embeds a site's chat."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._tag = ""
        self._writers: set[asyncio.StreamWriter] = set()
        self.url = ""

    async def open(self, page: Page, site: str, path: str = "/", attributes: str = "") -> None:
        """Go to a page that has this site's chat."""
        source = f'src="{self._server.url}/widget.js" data-site="{escape(site)}"'
        self._tag = f"<script {source} {attributes} async></script>"
        await page.goto(f"{self.url}{path}")

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """The same page at every address."""
        self._writers.add(writer)
        # A browser opens connections that it then has no use for.
        with suppress(asyncio.IncompleteReadError, OSError):
            await reader.readuntil(b"\r\n\r\n")
            head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n"
            writer.write((head + SHOP.format(tag=self._tag)).encode())
            await writer.drain()
        writer.close()
        self._writers.discard(writer)

    def abort(self) -> None:
        """End what a browser still holds open."""
        for writer in list(self._writers):
            writer.transport.abort()


@asynccontextmanager
async def open_shop(server: Server) -> AsyncIterator[Shop]:
    """A shop on a port of its own."""
    made = Shop(server)
    host = await asyncio.start_server(made.answer, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{host.sockets[0].getsockname()[1]}"
    yield made
    host.close()
    made.abort()


async def outside_hours(page: Page) -> None:
    """What the server says of sites, as if nobody worked now."""

    async def answer(route: Route) -> None:
        response = await route.fetch()
        said = {**await response.json(), "open": False, "opens_at": "2999-01-04T08:00:00Z"}
        await route.fulfill(json=said)

    await page.route("**/v1/sites/*/widget", answer)


class Signals:
    """Lets the server seem to say something on a page's socket, and nothing of the ``muted``."""

    def __init__(self) -> None:
        self._sockets: list[WebSocketRoute] = []
        self.muted: set[str] = set()

    async def watch(self, page: Page) -> None:
        """To be called before the page is opened."""

        async def opened(socket: WebSocketRoute) -> None:
            def heard(text: str | bytes) -> None:
                if json.loads(text).get("kind") not in self.muted:
                    socket.send(text)

            socket.connect_to_server().on_message(heard)
            self._sockets.append(socket)

        await page.route_web_socket("**/ws/visitor", opened)

    def say(self, kind: str, **fields: Any) -> None:
        """A signal on the newest socket."""
        self._sockets[-1].send(json.dumps({"op": "signal", "kind": kind, **fields}))


async def who(page: Page) -> dict[str, Any]:
    """What the browser keeps of its visitor: ``visitor`` and ``conversation``."""
    found: dict[str, Any] = await page.evaluate(TALKS)
    return found


async def known(page: Page) -> str:
    """The id of the page's visitor, once its socket stands; the window was open and is closed."""
    await page.get_by_test_id("launcher").click()
    await expect(page.get_by_test_id("conn-state")).to_have_attribute("data-state", "online")
    await page.get_by_test_id("close").click()
    visitor: str = (await who(page))["visitor"]
    return visitor


async def say(page: Page, text: str) -> None:
    """Write, and see it acknowledged."""
    own = page.locator('[data-testid="message"][data-role="visitor"]')
    count = await own.count()
    await page.get_by_test_id("composer").fill(text)
    await page.get_by_test_id("composer").press("Enter")
    await expect(own).to_have_count(count + 1)
    await expect(own.last).not_to_have_attribute("data-state", "sending")
