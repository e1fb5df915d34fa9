"""A real Prometheus gets a running product's figures, and the dashboard is asked of it."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import httpx
import pytest

from domain import figures
from domain.figures import FIGURES
from domain.telemetry import Figure
from tests.fixtures.client import Client, agent_session, visitor_session
from tests.fixtures.collector import running_collector
from tests.fixtures.prometheus import Prometheus, running_prometheus
from tests.fixtures.server import Server, running_server
from tests.integration.seen.test_deploy_files import NAMES, PANELS

SCRAPES = 12
"""Figures are got so often before anything is asked of them."""

ELSEWHERE: frozenset[Figure] = frozenset(
    {
        figures.BROKER_CONNECTED,
        figures.RELAY_LAG_EVENTS,
        figures.RELAY_LAG_SECONDS,
        figures.RELAY_SLICES,
        figures.WEBHOOK_SECONDS,
        figures.ROUTER_DECISIONS,
    }
)
"""What has nothing to say in the embedded size: no broker, no relay, no webhook that answers, and
nothing that the router would have to decide."""


@dataclass
class Watched:
    """The product after some traffic, and the Prometheus that looked on."""

    server: Server
    prometheus: Prometheus


@pytest.fixture(scope="module")
def watched() -> Iterator[Watched]:
    """The product with traces on, used for as long as the figures are looked at."""
    with running_collector() as collector:
        tracing = {"SAMPLE": "1", "ENDPOINT": collector.endpoint, "DELAY_S": "0.1"}
        environment = {f"PARLEY_TRACING_{name}": value for name, value in tracing.items()}
        with (
            running_server(**environment) as server,
            running_prometheus([f"127.0.0.1:{server.port}"]) as prometheus,
        ):
            asyncio.run(_use(server, prometheus))
            yield Watched(server, prometheus)


async def _use(server: Server, prometheus: Prometheus) -> None:
    """Let happen what the dashboard shows, until it was looked at often enough."""
    visiting = await visitor_session(server.url, server.credentials["site"])
    serving = await agent_session(server.url, "demo", server.credentials["agents"][0])
    async with Client(visiting) as visitor, Client(serving, {"inbox": 0}) as agent:
        talk = (await visitor.ack("start", body={"text": "hello"}))["conversation"]
        await agent.follow(f"conversation:{talk}")
        async with asyncio.timeout(60):
            while len(_looks(prometheus)) < SCRAPES:
                await _talk(server, visitor, agent, talk)


def _looks(prometheus: Prometheus) -> list[list[float]]:
    """When the figures were got so far."""
    found = prometheus.query(f"{figures.READY.name}[5m]")
    return found[0]["values"] if found else []


async def _talk(server: Server, visitor: Client, agent: Client, talk: str) -> None:
    """Messages, repeats, refusals, a sign-in that fails, a socket that breaks the protocol."""
    message = {"id": str(uuid4()), "conversation": talk, "body": {"text": "hello"}}
    await visitor.ack("post", **message)
    await visitor.ack("post", **message)
    await agent.ack("post", conversation=talk, body={"text": "a note"}, note=True)
    await agent.ack("read", conversation=talk, upto=1)
    await visitor.refused("post", conversation=str(uuid4()), body={"text": "lost"})
    with pytest.raises(AssertionError):
        await agent_session(server.url, "demo", {"email": "nobody@demo.example", "password": "x"})
    async with Client(visitor.session) as rude:
        await rude.send_text("rubbish")
        await rude.until(lambda: rude.close_code == 4400)
    await asyncio.sleep(0.1)


def asked(expression: str) -> str:
    """An expression of the dashboard, as Grafana would ask it of all processes."""
    return expression.replace("$__rate_interval", "10s").replace("$instance", ".*")


@pytest.mark.parametrize(
    ("title", "expression"),
    [(panel["title"], target["expr"]) for panel in PANELS for target in panel["targets"]],
)
def test_the_dashboard_is_answered(watched: Watched, title: str, expression: str) -> None:
    """No expression is refused, and what happened is there; what did not happen is nothing."""
    found = watched.prometheus.query(asked(expression))
    names = {re.sub(r"_(bucket|sum|count)$", "", name) for name in NAMES.findall(expression)}
    if names & {figure.name for figure in ELSEWHERE}:
        return
    assert found, f"{title} shows nothing"
    values = [float(series["value"][1]) for series in found]
    assert not any(map(math.isnan, values)), f"{title} shows no number"


def test_what_is_not_here_is_in_nobodys_figures(watched: Watched) -> None:
    """What the test above lets be empty is not told of by this product; all else is."""
    text = httpx.get(f"{watched.server.url}/metrics").text
    told = set(re.findall(r"^# TYPE (\S+) ", text, re.MULTILINE))
    missing = {figure for figure in FIGURES if figure.name not in told}
    assert missing == ELSEWHERE - {figures.WEBHOOK_SECONDS}  # there, and of no request


def test_nothing_alarms_where_all_is_well(watched: Watched) -> None:
    """Every rule is evaluated without a fault, and none fires."""
    rules = watched.prometheus.rules()
    assert len(rules) > 20
    assert {rule["health"] for rule in rules} == {"ok"}
    assert [rule["name"] for rule in rules if rule["state"] == "firing"] == []


def test_figures_say_what_happened(watched: Watched) -> None:
    """Numbers that can be known from outside are those that Prometheus has."""
    ask = watched.prometheus.query

    def one(expression: str) -> float:
        (series,) = ask(expression)
        return float(series["value"][1])

    committed = one('parley_commands_total{op="post", outcome="committed"}')
    assert committed > 3
    assert one('parley_commands_total{op="post", outcome="duplicate"}') in {
        committed,
        committed - 1,
    }
    assert one('parley_commands_total{op="post", outcome="refused"}') in {committed, committed - 1}
    assert one('parley_refusals_total{code="not_found", way="socket"}') >= committed - 1
    assert one('parley_http_requests_total{route="POST /v1/agent/sessions", status="401"}') > 0
    assert one("parley_delivery_seconds_count") >= committed
    assert one("min_over_time(sum(parley_projector_lag_events)[1m:1s])") == 0
    assert one("histogram_quantile(0.99, rate(parley_delivery_seconds_bucket[1m]))") < 1


def test_figures_tell_of_nobody(watched: Watched) -> None:
    """No tenant, person, conversation, address or text is in them, whatever was done."""
    text = httpx.get(f"{watched.server.url}/metrics").text
    credentials = watched.server.credentials
    secrets = [credentials["tenant"], credentials["site"], "hello", "nobody", "127.0.0.1"]
    samples = [line for line in text.splitlines() if not line.startswith("#")]
    assert [line for line in samples for secret in secrets if secret in line] == []
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}", text)


def test_asking_is_cheap(watched: Watched) -> None:
    """A look takes the event loop some milliseconds, and the answer is not much to carry."""
    answers = [httpx.get(f"{watched.server.url}/metrics") for _ in range(10)]
    assert max(len(answer.content) for answer in answers) < 64 * 1024
    assert min(answer.elapsed.total_seconds() for answer in answers) < 0.1
