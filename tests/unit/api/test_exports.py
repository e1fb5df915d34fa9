"""Exports by HTTP: all for who may have it, a bounded number at once, cut where they fail."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from starlette.types import Message

from api.app import create_app
from api.deps import ApiSettings
from domain.errors import StoreUnavailable
from domain.permissions import ADMIN
from domain.tenant.commands import SetHours
from tests.doubles.tenancy import Tenant
from tests.unit.api.conftest import Site, bearer, check_problem
from tests.unit.exports.records import csv_rows, json_lines, sqlite_rows

PATH = "/v1/exports/conversations"


@pytest.fixture
async def admin(site: Site, demo: Tenant) -> dict[str, str]:
    """The header of somebody who may have it all."""
    await demo.add_agent("ada@example.org", ADMIN)
    return bearer(await demo.agent_token("ada@example.org"))


async def got(site: Site, headers: dict[str, str], **query: str) -> httpx.Response:
    """An export."""
    return await site.client.get(PATH, params=query, headers=headers)


async def test_each_form_comes_whole(site: Site, admin: dict[str, str]) -> None:
    """The same bytes as on the command line, with what they are as of, as a file of that name."""
    lines = await got(site, admin)
    assert lines.status_code == 200, lines.text
    assert lines.headers["content-type"] == "application/jsonl"
    assert lines.headers["content-disposition"] == 'attachment; filename="demo-conversations.jsonl"'
    assert (lines.headers["parley-as-of"], lines.headers["parley-mark"]) == (
        "4711",
        site.exports.history,
    )
    assert len(json_lines(lines.content)) == 20
    rows = await got(site, admin, format="csv")
    assert rows.headers["content-type"] == "text/csv; charset=utf-8"
    assert len(csv_rows(rows.content)) == 20
    said = await got(site, admin, format="csv", table="messages")
    assert "demo-messages.csv" in said.headers["content-disposition"]
    tables = sqlite_rows((await got(site, admin, format="sql")).content)
    assert len(csv_rows(said.content)) == len(tables["messages"]) > 20
    assert tables["export"][0]["conversations"] == 20


async def test_a_head_is_told_and_nothing_is_read(site: Site, admin: dict[str, str]) -> None:
    """What it would be, without being it."""
    site.exports.pause = failing(AssertionError("read"))
    response = await site.client.head(PATH, headers=admin)
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["parley-as-of"] == "4711"


def failing(error: Exception) -> Callable[[], Awaitable[None]]:
    """A source that cannot go on."""

    async def fail() -> None:
        raise error

    return fail


async def test_what_is_asked_for_is_handed_on(
    site: Site, demo: Tenant, admin: dict[str, str]
) -> None:
    """Dates begin where the tenant is, times are their own; nonsense is refused in a sentence."""
    week = (((0, 1440),),) * 7
    await site.world.send(demo.log, SetHours(site.world.ids.uuid(), "Europe/Berlin", week))
    query = {"from": "2026-01-01", "to": "2026-01-02T09:00:00+01:00", "status": "open"}
    assert (await got(site, admin, **query, department="sales", tag="vip")).status_code == 200
    (wanted,) = site.exports.asked
    assert str(wanted.since) == "2025-12-31 23:00:00+00:00"
    assert str(wanted.until) == "2026-01-02 08:00:00+00:00"
    assert (wanted.status, wanted.department, wanted.tag) == ("open", "sales", "vip")
    for wrong in (
        {"from": "yesterday"},
        {"to": "2026-01-01T00:00:00"},
        {"format": "xml"},
        {"status": "new"},
        {"from": "0001-01-01T00:00:00+14:00"},
        {"from": "2026-13-01"},
    ):
        check_problem(await got(site, admin, **wrong), "bad_request")


async def test_views_that_are_not_there_are_refused(site: Site, admin: dict[str, str]) -> None:
    """Before the first byte there is a proper answer."""
    site.exports.none = True
    check_problem(await got(site, admin), "not_caught_up")


# --- while it flows ---------------------------------------------------------------------------


class Browser:
    """A client of the application itself, which takes as much as it likes and may leave."""

    def __init__(self, site: Site, headers: dict[str, str], **settings: Any) -> None:
        self.app = create_app(replace(site.deps, settings=ApiSettings(**settings)))
        self.left, self.takes, self.begun = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.took: list[Message] = []
        self.asked = False
        self.scope = {
            "type": "http",
            "method": "GET",
            "path": PATH,
            "raw_path": PATH.encode(),
            "query_string": b"",
            "headers": [(name.lower().encode(), text.encode()) for name, text in headers.items()],
            "client": ("192.0.2.1", 1),
            "server": ("parley.test", 80),
            "scheme": "http",
            "http_version": "1.1",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
        }

    async def receive(self) -> Message:
        if not self.asked:
            self.asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.took.append(message)
        if message.get("body"):
            self.begun.set()
            await self.takes.wait()

    async def get(self) -> None:
        """Ask, and stay until the answer ends."""
        await self.app(self.scope, self.receive, self.send)

    @property
    def whole(self) -> bool:
        """Whether the answer has come to its end."""
        last = self.took[-1]
        return last["type"] == "http.response.body" and not last["more_body"]


async def begun(browser: Browser) -> asyncio.Task[None]:
    """The browser has the first bytes, and takes no more for now."""
    task = asyncio.ensure_future(browser.get())
    await browser.begun.wait()
    return task


async def test_so_many_at_once_and_no_more(site: Site, admin: dict[str, str]) -> None:
    """The third is told when to come back; a place that becomes free is given again."""
    browsers = [Browser(site, admin) for _ in range(2)]
    tasks = [await begun(browser) for browser in browsers]
    refused = await got(site, admin)
    check_problem(refused, "rate_limited")
    assert refused.headers["retry-after"] == "30"
    browsers[0].takes.set()
    await tasks[0]
    assert browsers[0].whole
    assert (await got(site, admin)).status_code == 200
    browsers[1].left.set()
    await tasks[1]
    assert not browsers[1].whole
    assert site.deps.exporting.now == 0


async def test_it_ends_when_the_client_goes(site: Site, admin: dict[str, str]) -> None:
    """Nothing more is read for somebody who has left."""
    reading = asyncio.Event()
    closed: list[str] = []

    async def pause() -> None:
        reading.set()
        try:
            await asyncio.Event().wait()
        finally:
            closed.append("closed")

    site.exports.pause = pause
    browser = Browser(site, admin)
    browser.takes.set()
    task = asyncio.ensure_future(browser.get())
    await reading.wait()
    browser.left.set()
    await task
    assert closed == ["closed"]
    assert site.deps.exporting.now == 0


async def test_who_takes_nothing_is_left(site: Site, admin: dict[str, str]) -> None:
    """A client that reads no further does not keep a place for ever."""
    browser = Browser(site, admin, export_stall_s=0.05)
    await browser.get()
    assert not browser.whole
    assert site.deps.exporting.now == 0


async def test_what_breaks_off_is_not_taken_for_all(
    site: Site, admin: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    """The store goes away in the middle: no last chunk, one line for the operator, no traceback."""
    browser = Browser(site, admin)
    task = await begun(browser)
    site.exports.pause = failing(StoreUnavailable("away"))
    browser.takes.set()
    await task
    assert len(browser.took) > 2
    assert not browser.whole
    (record,) = [each for each in caplog.records if each.name == "parley.api.flowing"]
    assert "broke off: StoreUnavailable" in record.getMessage()
    assert record.exc_info is None


async def test_none_is_none(site: Site, admin: dict[str, str]) -> None:
    """With a limit of 0 nobody gets one."""
    client = site.with_settings(exports=0)
    check_problem(await client.get(PATH, headers=admin), "rate_limited")
