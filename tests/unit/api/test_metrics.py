"""``/metrics``, and what the gate counts and traces of every request."""

from __future__ import annotations

from tests.doubles.tenancy import Tenant
from tests.unit.api.conftest import Site, bearer

PAGE = {"url": "https://shop.example/"}


async def text(site: Site) -> str:
    """The figures now."""
    answer = await site.client.get("/metrics")
    assert answer.status_code == 200
    return answer.text


async def test_anybody_gets_the_figures(site: Site) -> None:
    """Without a token, never kept by anybody, in the form that is asked for."""
    answer = await site.client.get("/metrics", headers={"Accept": "text/html"})
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert "# TYPE parley_ack_seconds histogram" in answer.text
    accept = {"Accept": "application/openmetrics-text; version=1.0.0"}
    open_metrics = await site.client.get("/metrics", headers=accept)
    assert open_metrics.headers["content-type"].startswith("application/openmetrics-text")
    assert open_metrics.text.endswith("# EOF\n")


async def test_an_accept_header_that_is_none_breaks_nothing(site: Site) -> None:
    """What the library cannot read is answered in plain text."""
    accept = {"Accept": "application/openmetrics-text; version=x"}
    answer = await site.client.get("/metrics", headers=accept)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")


async def test_requests_and_refusals_are_counted(site: Site, demo: Tenant) -> None:
    """By the route as the table names it, never by the address that was asked for."""
    await site.client.get(f"/v1/conversations/{demo.log}")
    await site.client.get("/v1/conversations?limit=x", headers=bearer(await demo.agent_token()))
    await site.client.get("/readyz")
    found = await text(site)
    route = 'parley_http_requests_total{route="GET /v1/conversations/{id}",status="401"} 1.0'
    assert route in found
    assert 'parley_http_requests_total{route="GET /v1/conversations",status="400"} 1.0' in found
    assert 'parley_http_requests_total{route="GET /readyz",status="200"} 1.0' in found
    assert 'parley_refusals_total{code="unauthorized",way="http"} 1.0' in found
    assert 'parley_refusals_total{code="bad_request",way="http"} 1.0' in found
    assert str(demo.log) not in found


async def test_a_request_that_may_change_something_begins_a_trace(site: Site, demo: Tenant) -> None:
    """Its commands are steps of it; one that only reads, and one from outside, begins none."""
    trace = {"traceparent": f"00-{'1' * 32}-{'2' * 16}-01"}
    body = {"site": demo.site, "page": PAGE}
    answer = await site.client.post("/v1/visitor/sessions", json=body, headers=trace)
    assert answer.status_code == 200
    await site.client.get("/readyz", headers=trace)
    (span,) = site.tracer.spans
    assert (span.name, span.parent, span.error, span.ended) == ("http command", None, None, 1)
    assert span.attributes == {"route": "POST /v1/visitor/sessions", "status": 200}
    await site.client.post("/v1/visitor/sessions", json={"site": "none"})
    refused = site.tracer.spans[1]
    assert (refused.error, refused.attributes["status"]) == ("not_found", 404)
