"""``/v1/audit`` over HTTP: who may ask, what the read model is asked, both forms of answer."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import msgspec
import pytest

from api.deps import AuditQuery
from domain.tenant.commands import SetHours
from projections.audit.evolve import AuditRow, Label
from tests.doubles.appends import uuid
from tests.doubles.tenancy import Tenant
from tests.unit.api.conftest import Site, bearer, check_problem

AT = datetime(2026, 11, 27, 2, 3, 4, tzinfo=UTC)
FAILED = AuditRow(
    7, AT, "login", "agent.sign_in_failed", "system", "agent-door", f"agent-{uuid(1)}", None,
    Label(None, {"address": "192.0.2.7", "user_agent": "=cmd()", "reason": "password"}),
)  # fmt: skip
ERASED = AuditRow(5, AT, "login", "agent.signed_in", "agent", "a", f"agent-{uuid(1)}", None, None)


@pytest.fixture
async def admin(demo: Tenant) -> dict[str, str]:
    """What an admin shows."""
    await demo.add_agent("ada@example.org", "admin")
    return bearer(await demo.agent_token("ada@example.org"))


async def test_lines_are_told(site: Site, admin: dict[str, str]) -> None:
    """With who did it and what is shown; of an erased agent, that something was."""
    site.audit.lines = [FAILED, ERASED]
    said = (await site.client.get("/v1/audit", headers=admin)).json()
    assert (said["as_of"], said["mark"], said["next"]) == (10, "ab" * 8, None)
    first, second = said["items"]
    assert first == {
        "position": 7,
        "at": "2026-11-27T02:03:04Z",
        "kind": "login",
        "type": "agent.sign_in_failed",
        "actor": {"role": "system", "id": "agent-door", "name": None},
        "stream": f"agent-{uuid(1)}",
        "cause": None,
        "data": {"address": "192.0.2.7", "user_agent": "=cmd()", "reason": "password"},
    }
    assert (second["data"], second["actor"]["name"]) == (None, None)


async def test_pages_follow_one_another(site: Site, admin: dict[str, str]) -> None:
    """The answer's cursor is where the next page begins; in CSV it is a header."""
    site.audit.lines = [FAILED, ERASED]
    for form in ("json", "csv"):
        first = await site.client.get(f"/v1/audit?limit=1&format={form}", headers=admin)
        cursor = first.json()["next"] if form == "json" else first.headers["Parley-Next"]
        await site.client.get(f"/v1/audit?limit=1&cursor={cursor}", headers=admin)
        assert site.audit.asked[-1] == (AuditQuery(), 1, 7)


async def test_a_table_is_opened_and_not_obeyed(site: Site, admin: dict[str, str]) -> None:
    """CSV with the same lines; what a stranger's browser called itself is no formula."""
    named = msgspec.structs.replace(FAILED, label=Label("=1+1", {"user_agent": "x"}))
    site.audit.lines = [named, ERASED]
    answer = await site.client.get("/v1/audit?format=csv", headers=admin)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    assert "Parley-Next" not in answer.headers
    assert answer.text.startswith("\ufeff")
    header, first, second = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    line = dict(zip(header, first, strict=True))
    assert (line["position"], line["at"]) == ("7", "2026-11-27T02:03:04Z")
    assert line["name"] == "'=1+1"
    assert msgspec.json.decode(line["data"]) == {"user_agent": "x"}
    assert dict(zip(header, second, strict=True))["data"] == ""


async def test_what_is_asked_for(site: Site, demo: Tenant, admin: dict[str, str]) -> None:
    """Kind, actor and times reach the read model; a date begins where the tenant is."""
    week = (((0, 1440),),) * 7
    await site.world.send(demo.log, SetHours(site.world.ids.uuid(), "Europe/Berlin", week))
    asked = {
        "kind": "login",
        "actor": str(uuid(1)),
        "from": "2026-11-27",
        "to": "2026-11-28T00:00:00+02:00",
    }
    await site.client.get("/v1/audit", headers=admin, params=asked)
    since = datetime(2026, 11, 26, 23, tzinfo=UTC)
    until = datetime(2026, 11, 27, 22, tzinfo=UTC)
    assert site.audit.asked[-1][0] == AuditQuery("login", str(uuid(1)), since, until)


@pytest.mark.parametrize(
    "query",
    [
        *("kind=all", "actor=", "actor=a%20b", "from=yesterday", "from=2026-13-01"),
        *("to=2026-11-27T10:00", "from=9999-12-31T23:59:59-23:00", "limit=0", "limit=1001"),
        *("cursor=0", "cursor=x", "format=xml"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    site: Site, admin: dict[str, str], query: str
) -> None:
    """Whatever stands in the query."""
    check_problem(await site.client.get(f"/v1/audit?{query}", headers=admin), "bad_request")


async def test_it_is_for_admins_and_servers_that_may(site: Site, demo: Tenant) -> None:
    """Another agent may not, nor a server whose key is good for other things."""
    agent = bearer(await demo.agent_token())
    check_problem(await site.client.get("/v1/audit", headers=agent), "not_allowed")
    server = bearer(await demo.add_key("conversations:read"))
    check_problem(await site.client.get("/v1/audit", headers=server), "not_allowed")
    server = bearer(await demo.add_key("audit:read"))
    assert (await site.client.get("/v1/audit", headers=server)).status_code == 200
