"""Hostile bodies: however deep, long or wrong, none is more than a refusal."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api import bodies
from tests.doubles.tenancy import Tenant
from tests.unit.api.conftest import Site, check_problem

JSON = {"Content-Type": "application/json"}
TAKING = [
    ("POST", "/v1/visitor/sessions"),
    ("DELETE", "/v1/visitor/sessions"),
    ("POST", "/v1/agent/sessions"),
]

HOSTILE = {
    "empty": b"",
    "blank": b" \n",
    "not json": b"hello",
    "cut": b'{"site":"',
    "two": b'{"site":"a"}{"site":"b"}',
    "nul behind": b'{"site":"a"}\0',
    "byte order mark": b'\xef\xbb\xbf{"site":"a"}',
    "utf-16": '{"site":"a"}'.encode("utf-16"),
    "latin-1": '{"site":"\xe9"}'.encode("latin-1"),
    "raw surrogate": b'{"site":"\xed\xa0\x80","resume":"\xed\xa0\x80"}',
    "lone surrogate": b'{"site":"\\ud800","resume":"\\udc00"}',
    "nan": b'{"site":NaN,"resume":NaN}',
    "infinity": b'{"site":Infinity,"resume":-Infinity}',
    "huge exponent": b'{"site":1e999999,"resume":1e999999}',
    "huge number": b'{"site":' + b"9" * 50_000 + b',"resume":1}',
    "huge timestamp": b'{"site":"a","resume":1,"identity":{"timestamp":' + b"9" * 50_000 + b"}}",
    "array": b"[]",
    "number": b"1",
    "null": b"null",
    "string": b'"site"',
    "wrong types": b'{"site":{},"resume":[],"tenant":1,"email":[],"password":{}}',
    "nulls": b'{"site":null,"resume":null,"tenant":null,"email":1,"password":null}',
    "deep arrays": b'{"site":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "deep unknown": b'{"x":' + b"[" * 60_000 + b"]" * 60_000 + b"}",
    "deep objects": b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
    "open ends": b"[" * 100_000,
    "long key": b'{"' + b"k" * 100_000 + b'":1}',
    "many keys": b"{" + b",".join(b'"%d":1' % n for n in range(10_000)) + b"}",
}


@pytest.mark.parametrize(("method", "path"), TAKING)
@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_body_is_a_bad_request(
    site: Site, demo: Tenant, name: str, method: str, path: str
) -> None:
    """On every route that takes one."""
    response = await site.client.request(method, path, content=HOSTILE[name], headers=JSON)
    assert response.status_code in {400, 401, 404}, response.text
    check_problem(response, response.json()["code"])


async def test_of_a_key_twice_the_last_counts(site: Site, demo: Tenant) -> None:
    """As everywhere in JSON; nothing is checked on one and used from the other."""
    body = json.dumps({"site": demo.site})[:-1] + ',"site":"nowhere"}'
    response = await site.client.post(TAKING[0][1], content=body, headers=JSON)
    check_problem(response, "not_found")


@pytest.mark.parametrize(("method", "path"), TAKING)
@pytest.mark.parametrize("kind", ["", "text/json", "application/jsonp", "multipart/form-data"])
async def test_another_media_type_is_refused(site: Site, method: str, path: str, kind: str) -> None:
    """Before the body is looked at."""
    response = await site.client.request(
        method, path, content=b"{}", headers={"Content-Type": kind}
    )
    check_problem(response, "unsupported_media_type")


async def test_the_media_type_may_have_parameters(site: Site, demo: Tenant) -> None:
    """And be written in any case."""
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}
    body = json.dumps({"site": demo.site})
    response = await site.client.post(TAKING[0][1], content=body, headers=headers)
    assert response.status_code == 200


async def drip(count: int, taken: list[int]) -> AsyncIterator[bytes]:
    """A body in pieces, without a length."""
    for n in range(count):
        taken.append(n)
        yield b" " * 1024


@pytest.mark.parametrize(("method", "path"), TAKING)
async def test_too_much_is_noticed_while_it_comes(
    site: Site, method: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a length in the header, what is kept and what is thrown away are both bounded."""
    monkeypatch.setattr(bodies, "DISCARD_BYTES", 8192)
    client, taken = site.with_settings(body_bytes=4096), list[int]()
    response = await client.request(method, path, content=drip(1000, taken), headers=JSON)
    check_problem(response, "too_large")
    assert response.headers["connection"] == "close"
    assert len(taken) < 10


async def test_a_length_that_is_too_much_is_believed(site: Site) -> None:
    """The body need not come first; a length of absurd length is no number to work with."""
    for length in (str(128 * 1024 + 1), "9" * 5000):
        headers = {**JSON, "Content-Length": length}
        response = await site.client.post(TAKING[0][1], content=b"", headers=headers)
        check_problem(response, "too_large")


async def test_a_body_at_the_limit_is_read(site: Site, demo: Tenant) -> None:
    """The limit is a limit, not one less."""
    body = json.dumps({"site": demo.site}).encode()
    client = site.with_settings(body_bytes=len(body))
    assert (await client.post(TAKING[0][1], content=body, headers=JSON)).status_code == 200


async def stall() -> AsyncIterator[bytes]:
    """A body that begins and does not end."""
    yield b"{"
    await asyncio.Event().wait()


async def test_a_body_must_come_in_time(site: Site) -> None:
    """Who stalls is answered and let go."""
    client = site.with_settings(body_timeout_s=0.01)
    response = await client.post(TAKING[0][1], content=stall(), headers=JSON)
    check_problem(response, "bad_request")
    assert response.headers["connection"] == "close"


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
FIELDS = ("site", "resume", "identity", "page", "locale", "tenant", "email", "password")
ALMOST = st.dictionaries(
    st.sampled_from(FIELDS),
    ANY_JSON
    | st.fixed_dictionaries(
        {},
        optional={
            "user": ANY_JSON,
            "timestamp": ANY_JSON,
            "nonce": ANY_JSON,
            "signature": ANY_JSON,
            "url": ANY_JSON,
        },
    ),
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(body=st.binary(max_size=300) | ALMOST.map(lambda form: json.dumps(form).encode()))
async def test_no_body_is_a_500(site: Site, body: bytes) -> None:
    """Bytes at random, and JSON that is nearly right."""
    for method, path in TAKING:
        response = await site.client.request(method, path, content=body, headers=JSON)
        assert response.status_code < 500, (path, body, response.text)
