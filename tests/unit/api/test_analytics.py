"""``/v1/analytics``: what is asked reaches the reader, and what it says has the contract's form."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

import httpx
import pytest

from projections.agents.reader import AgentItem
from projections.analytics.asking import Filters, Question
from projections.analytics.metrics import REPORTS
from tests.doubles.tenancy import Tenant
from tests.unit.api.conftest import Site, bearer, check_problem

URL = "/v1/analytics"


@pytest.fixture
async def token(demo: Tenant) -> str:
    """An admin's."""
    await demo.add_agent("ada@example.org", "admin")
    return await demo.agent_token("ada@example.org")


async def get(site: Site, token: str, report: str = "", /, **query: Any) -> httpx.Response:
    """Ask for a report, or for the list of them."""
    path = f"{URL}/{report}" if report else URL
    return await site.client.get(path, headers=bearer(token), params=query)


async def test_every_report_is_listed(site: Site, token: str) -> None:
    """Name, metrics with their units, dimensions; a heat map has one length of parts only."""
    listed = (await get(site, token)).json()
    assert (listed["as_of"], listed["zone"]) == (10, "Europe/Berlin")
    assert [each["name"] for each in listed["reports"]] == list(REPORTS)
    assert listed["reports"][1]["metrics"][0] == {"name": "conversations", "unit": "count"}
    assert [each["every"] == [] for each in listed["reports"]].count(True) == 1


async def test_a_question_arrives_as_it_was_asked(site: Site, token: str) -> None:
    """Every parameter; and a moment of the past by its position."""
    site.views.team = {}
    query = {
        "from": "2026-01-01", "to": "2026-02-01", "every": "week", "by": "agent",
        "agent": "none", "department": "sales", "site": "s", "source": "google", "tag": "vip",
        "hours": "business", "at": "3",
    }  # fmt: skip
    answer = await get(site, token, "wait", **query)
    filters = Filters("none", "sales", "s", "google", "vip")
    asked = Question(
        "wait", date(2026, 1, 1), date(2026, 2, 1), "week", "agent", filters, business=True, at=3
    )
    assert site.reports.asked == [asked]
    assert answer.json()["at"]["position"] == 3
    assert (answer.json()["hours"], answer.json()["by"]) == ("business", "agent")


async def test_the_form_of_an_answer(site: Site, token: str) -> None:
    """Rows with a start, or in a heat map with weekday and hour; metrics by name; a total."""
    answer = (await get(site, token, "missed")).json()
    assert answer["rows"][0]["start"] == "2026-01-01"
    assert answer["rows"][0]["values"] == answer["total"]
    assert set(answer["total"]) == {metric["name"] for metric in answer["metrics"]}
    assert (answer["from"], answer["at"], answer["groups"]) == ("2026-01-01", None, [])
    row = (await get(site, token, "heatmap")).json()["rows"][0]
    assert (row["weekday"], row["hour"], "start" in row) == (2, 1, False)


async def test_groups_have_the_names_that_people_know(site: Site, demo: Tenant, token: str) -> None:
    """An agent's by its id, a site's too; of what nobody knows, the key."""
    site.views.team[demo.log] = [AgentItem("a1", "Anna", "agent", "away", (), None, 0)]
    site.reports.keys = ["a1", "gone", None]
    groups = (await get(site, token, "volume", by="agent")).json()["groups"]
    assert [group["label"] for group in groups] == ["Anna", "gone", None]
    site.reports.keys = [demo.site]
    (group,) = (await get(site, token, "volume", by="site")).json()["groups"]
    assert group["label"] not in {None, demo.site}


async def test_a_table_for_a_spreadsheet(site: Site, token: str) -> None:
    """UTF-8 that Excel recognises, a line for each row, nothing that would be run."""
    site.reports.keys = ["=1+1", "报价"]
    answer = await get(site, token, "satisfaction", by="tag", format="csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert lines[0][:4] == ["start", "group", "label", "conversations"]
    assert [line[:3] for line in lines[1:]] == [
        ["2026-01-01", "'=1+1", "'=1+1"],
        ["2026-01-01", "报价", "报价"],
    ]


@pytest.mark.parametrize(
    "query",
    [
        {"from": "yesterday"},
        {"from": "2026-13-01"},
        {"every": "minute"},
        {"by": "colour"},
        {"by": "page"},
        {"hours": "some"},
        {"at": "long ago"},
        {"format": "xml"},
        {"tag": "a\x00b"},
    ],
    ids=str,
)
async def test_nonsense_is_a_bad_request(site: Site, token: str, query: dict[str, str]) -> None:
    """Each of them; nothing is asked of the store."""
    check_problem(await get(site, token, "volume", **query), "bad_request")
    assert site.reports.asked == []


async def test_there_is_no_such_report(site: Site, token: str) -> None:
    """A name that no report has."""
    check_problem(await get(site, token, "profits"), "not_found")


async def test_ones_own_writes_are_waited_for(site: Site, token: str) -> None:
    """Up to a position that the facts have; else come again."""
    assert (await get(site, token, "volume", min_position=10)).status_code == 200
    check_problem(await get(site, token, "volume", min_position=11), "not_caught_up")
