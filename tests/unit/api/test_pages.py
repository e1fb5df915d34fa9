"""Health, pages, sockets and the description."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import segno

from api.app import create_app, routes
from api.web import NOWHERE
from tests.doubles.tenancy import Tenant
from tests.unit.api.conftest import Site, check_problem

PARTS = ("database", "broker", "redis", "files", "websocket")


async def test_all_is_well(site: Site) -> None:
    """A part of this process needs no probe."""
    response = await site.client.get("/api/healthz")
    assert response.status_code == 200
    assert response.json() == {**dict.fromkeys(PARTS, "OK"), "version": "1.2.3"}


async def failing() -> str | None:
    """A part that cannot be asked."""
    raise ConnectionError("postgresql://user:secret@host")


async def silent() -> str | None:
    """A part that does not answer."""
    await asyncio.Event().wait()
    return None


async def ill() -> str | None:
    """A part that knows what it has."""
    return "no connection" * 100


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(
    ("probe", "reason"),
    [(failing, "ConnectionError"), (silent, "no answer in time"), (ill, "no connection")],
)
async def test_an_ill_part_is_told(site: Site, part: str, probe: Any, reason: str) -> None:
    """503, with a reason that gives nothing away; the others are still well."""
    site.probes[part] = probe
    client = site.with_settings(probe_timeout_s=0.01)
    response = await client.get("/api/healthz")
    assert response.status_code == 503
    said = response.json()
    assert said.pop(part).startswith(reason)
    assert "secret" not in response.text
    assert len(response.content) < 500
    assert set(said.values()) == {"OK", "1.2.3"}


async def test_readiness_is_its_own_question(site: Site) -> None:
    """An ill broker takes no node out."""
    site.probes["broker"] = failing
    assert (await site.client.get("/readyz")).status_code == 200
    site.ready = False
    assert (await site.client.get("/readyz")).status_code == 503


# --- pages ---------------------------------------------------------------------------------------


def build(web: Path) -> None:
    """Web files as a build leaves them."""
    (web / "assets").mkdir()
    (web / "assets" / "desk-abc123.js").write_text("let x")
    (web / "widget.js").write_text("let w")
    (web / "desk.html").write_text("<title>Desk</title>")
    (web / "admin.html").write_text("<title>Console</title>")
    chat = '<title>__PARLEY_NAME__</title><script data-site="__PARLEY_SITE__" data-page></script>'
    (web / "chat.html").write_text(chat)
    nowhere = '<html lang="__PARLEY_LANGUAGE__"><h1>__PARLEY_TITLE__</h1>__PARLEY_TEXT__'
    (web / "nowhere.html").write_text(nowhere)
    (web / "demo").mkdir()
    (web / "demo" / "index.html").write_text('<script data-site="__PARLEY_SITE__"></script>')
    (web.parent / "secret.txt").write_text("not a web file")


@pytest.mark.parametrize("path", ["/desk", "/admin", "/demo", "/widget.js", "/assets/x.js"])
async def test_without_a_build_the_address_says_so(site: Site, path: str) -> None:
    """In plain words."""
    response = await site.client.get(path)
    if path.startswith("/assets"):
        check_problem(response, "not_found")
    else:
        assert response.status_code == 503
        assert "not built" in response.text


@pytest.mark.parametrize(
    "path", ["/desk", "/admin", "/demo", "/widget.js", "/assets/desk-abc123.js", "/"]
)
async def test_pages_are_held_to_this_server(site: Site, path: str) -> None:
    """The policy lets nothing come from elsewhere."""
    build(site.deps.web)
    response = await site.client.get(path)
    policy = response.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    speaking = "connect-src 'self' ws://parley.test wss://parley.test;"
    assert speaking in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "referrer-policy" in response.headers


async def test_the_demo_page_has_its_site(site: Site) -> None:
    """As text, whatever it contains."""
    build(site.deps.web)
    response = await site.client.get("/demo")
    assert 'data-site="&lt;demo&gt;"' in response.text


async def test_a_site_has_a_page_and_a_code_that_leads_there(site: Site, demo: Tenant) -> None:
    """The page has the site's id and name; what is no site is not found, page and code alike."""
    build(site.deps.web)
    page = await site.client.get(f"/chat/{demo.site}?lang=zh")
    assert f'data-site="{demo.site}"' in page.text
    assert "<title>Shop</title>" in page.text
    code = await site.client.get(f"/chat/{demo.site}/qr.svg")
    assert code.headers["content-type"] == "image/svg+xml"
    drawn = segno.make_qr(f"http://parley.test/chat/{demo.site}").svg_inline(scale=8, omitsize=True)
    assert re.findall("<path.*", code.text)[0].split("/>")[0] in drawn
    for path in ("/chat/nowhere", "/chat/nowhere/qr.svg"):
        check_problem(await site.client.get(path), "not_found")


@pytest.mark.parametrize(
    ("path", "accept", "language"),
    [
        ("/chat/nowhere", "zh-Hans-CN;q=0.9,en;q=0.8", "zh"),
        ("/chat/nowhere", "de-DE, ZH-TW;q=0.7", "zh"),
        ("/chat/nowhere?lang=zh", "en", "zh"),
        ("/chat/nowhere?lang=de", "", "en"),
        ("/chat/nowhere", ",;,-", "en"),
    ],
)
async def test_who_follows_an_old_link_reads_so(
    site: Site, path: str, accept: str, language: str
) -> None:
    """404, as a page in the language that the link or the reader's browser asks for."""
    build(site.deps.web)
    headers = {"Accept": "text/html,*/*;q=0.8", "Accept-Language": accept}
    page = await site.client.get(path, headers=headers)
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert page.headers["vary"] == "Accept-Language"
    assert page.headers["cache-control"] == "no-cache"
    title, text = NOWHERE[language]
    assert page.text == f'<html lang="{language}"><h1>{title}</h1>{text}'


@pytest.mark.parametrize("path", ["/widget.js", "/assets/desk-abc123.js"])
async def test_any_page_may_fetch_the_widgets_files(site: Site, path: str) -> None:
    """A module comes to another origin's page only if the answer says that it may."""
    build(site.deps.web)
    answer = await site.client.get(path, headers={"Origin": "https://shop.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"


@pytest.mark.parametrize("path", ["/desk", "/admin", "/demo", "/widget.js"])
async def test_what_may_change_is_asked_for_again(site: Site, path: str) -> None:
    """With its tag, and not sent again if it is the same."""
    build(site.deps.web)
    first = await site.client.get(path)
    assert first.headers["cache-control"] == "no-cache"
    again = await site.client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_what_has_a_hash_is_kept(site: Site) -> None:
    """For a year."""
    build(site.deps.web)
    response = await site.client.get("/assets/desk-abc123.js")
    assert "immutable" in response.headers["cache-control"]
    assert (await site.client.head("/assets/desk-abc123.js")).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "missing.js",
        "../secret.txt",
        "..%2f..%2fsecret.txt",
        "%2e%2e/%2e%2e/secret.txt",
        "",
        "%00",
        "a" * 5000,
        "..%5csecret.txt",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "../desk.html/x",
        "..%2fdesk.html",
        "%2e%2e/widget.js",
    ],
)
async def test_nothing_beside_the_web_files_is_served(site: Site, path: str) -> None:
    """However it is written."""
    build(site.deps.web)
    response = await site.client.get(f"/assets/{path}")
    check_problem(response, "not_found")


async def test_the_bare_address_leads_to_the_desk(site: Site) -> None:
    """303, so that a form posted here would not be posted there."""
    response = await site.client.get("/")
    assert (response.status_code, response.headers["location"]) == (303, "/desk")


# --- sockets -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/ws/visitor", "/ws/agent"])
async def test_a_socket_is_where_the_contract_says(site: Site, path: str) -> None:
    """The app that was handed in answers; a plain request is told that this is a socket."""
    check_problem(await site.client.get(path), "bad_request")
    assert await close_code(site, path) == 4401


async def close_code(site: Site, path: str) -> int:
    """With what a socket at this address is closed."""
    said: list[Any] = []

    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        said.append(message)

    scope = {"type": "websocket", "path": path, "headers": [], "query_string": b""}
    await create_app(site.deps)(scope, receive, send)
    return int(said[-1]["code"])


# --- the description -----------------------------------------------------------------------------


async def described(site: Site) -> dict[str, Any]:
    """The OpenAPI document as clients get it."""
    document: dict[str, Any] = (await site.client.get("/openapi.json")).json()
    return document


async def test_every_route_is_described(site: Site) -> None:
    """With the same names, what it needs, and what it may answer."""
    document = await described(site)
    assert document["openapi"].startswith("3.1")
    told = {
        f"{method.upper()} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    assert set(told) == {re.sub(r":\w+}", "}", route.name) for route in routes(site.deps)}
    for operation in told.values():
        assert "default" in operation["responses"]
    assert len({operation["operationId"] for operation in told.values()}) == len(told)
    assert told["GET /v1/conversations"]["security"] == [{"bearer": []}]
    assert told["POST /v1/visitor/sessions"]["security"] == []


async def test_every_reference_leads_somewhere(site: Site) -> None:
    """No schema is named that is not there."""
    document = await described(site)
    for reference in re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(document)):
        found: Any = document
        for step in reference.split("/"):
            found = found[step]
        assert found


async def test_parameters_have_their_bounds(site: Site) -> None:
    """What the description promises is what is checked."""
    document = await described(site)
    parameters = document["paths"]["/v1/conversations/{id}/events"]["get"]["parameters"]
    by_name = {parameter["name"]: parameter for parameter in parameters}
    assert by_name["id"]["required"]
    assert by_name["limit"]["schema"]["maximum"] == 1000
    assert by_name["after"]["schema"]["minimum"] == 0


async def test_patterns_are_of_the_dialect_that_openapi_names(site: Site) -> None:
    r"""ECMA-262 has no ``\A`` and ``\Z``: a generated client would refuse all that is good."""
    document = (await site.client.get("/openapi.json")).text
    assert r"\Z" not in document
    assert r"\A" not in document


async def test_each_answer_has_its_description(site: Site) -> None:
    """A visitor's own form, an illness's status, and no content where there is none."""
    paths = (await site.client.get("/openapi.json")).json()["paths"]
    one = paths["/v1/conversations/{id}"]["get"]["responses"]["200"]
    forms = one["content"]["application/json"]["schema"]["anyOf"]
    assert [form["$ref"].rpartition("/")[2] for form in forms] == ["AgentsView", "VisitorsView"]
    for path in ("/api/healthz", "/readyz"):
        assert "application/json" in paths[path]["get"]["responses"]["503"]["content"]
    assert "application/json" in paths["/openapi.json"]["get"]["responses"]["200"]["content"]
    assert list(paths["/ws/visitor"]["get"]["responses"]) == ["101", "default"]
    assert "content" not in paths["/"]["get"]["responses"]["303"]


async def test_the_other_contract_is_answered_as_it_was_handed_in(site: Site) -> None:
    """AsyncAPI is made elsewhere, and made when somebody asks; anyone may."""
    made: list[bytes] = []

    def make() -> bytes:
        made.append(b'{"asyncapi": "3.0.0"}')
        return made[-1]

    app = create_app(replace(site.deps, asyncapi=make))
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://parley.test")
    assert made == []
    answer = await client.get("/asyncapi.json")
    assert (answer.status_code, answer.content) == (200, b'{"asyncapi": "3.0.0"}')
    assert answer.headers["content-type"] == "application/json"


async def test_a_part_of_a_file_is_not_given(site: Site) -> None:
    """Whatever part is asked for, the whole file comes, and never an error of another form."""
    build(site.deps.web)
    whole = await site.client.get("/widget.js")
    for part in ("bytes=0-3", "bytes=junk", "bytes=99999999-"):
        answer = await site.client.get("/widget.js", headers={"Range": part})
        assert (answer.status_code, answer.content) == (200, whole.content)
