"""Full size under a real Prometheus: what the dashboard shows of relay, broker and Redis.

And what it shows when those are away, which nobody who chats notices.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from domain import figures
from domain.telemetry import Figure
from ops.stack.stack import NAMES as SERVERS
from tests.fixtures.client import visitor_session
from tests.fixtures.cluster import Cluster, running_cluster
from tests.fixtures.prometheus import Prometheus, running_prometheus
from tests.fixtures.stack import OwnStack, new_directory
from tests.fixtures.traffic import traffic
from tests.integration.seen.test_deploy_files import NAMES, PANELS
from tests.integration.seen.test_watching import asked

HERE: tuple[Figure, ...] = (
    figures.BREAKER_STATE,
    figures.BROKER_CONNECTED,
    figures.RELAY_LAG_EVENTS,
    figures.RELAY_LAG_SECONDS,
    figures.RELAY_SLICES,
    figures.RELAY_EVENTS,
    figures.NODE_HOLES,
    figures.HEAD_POLLS,
    figures.RATE_LIMIT_FALLBACKS,
)
"""What is of this size alone."""

SCRAPES = 12
SEEN_S = 30.0


@dataclass
class Watched:
    """The cluster, and the Prometheus that looks on."""

    cluster: Cluster
    prometheus: Prometheus

    def ask(self, expression: str) -> dict[str, float]:
        """The answer by process."""
        cluster = self.cluster
        processes = {"one": cluster.one, "two": cluster.two, **cluster.others}
        names = {f"127.0.0.1:{each.port}": name for name, each in processes.items()}
        return {
            names[series["metric"]["instance"]]: float(series["value"][1])
            for series in self.prometheus.query(expression)
        }

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until this is seen."""
        async with asyncio.timeout(SEEN_S):
            while not await asyncio.to_thread(condition):  # noqa: ASYNC110  # others' news
                await asyncio.sleep(0.2)


@pytest.fixture(scope="module")
def watched() -> Iterator[Watched]:
    """Two nodes, a relay and a projector, after some traffic between the nodes."""
    stack = OwnStack(new_directory(), SERVERS)
    try:
        with running_cluster(stack, PARLEY_LIMITS_ENABLED="true") as cluster:
            targets = [f"127.0.0.1:{each.port}" for each in cluster.processes]
            with running_prometheus(targets) as prometheus:
                watched = Watched(cluster, prometheus)
                asyncio.run(_use(watched))
                yield watched
    finally:
        stack.close()


async def _use(watched: Watched) -> None:
    looks = f"min(count_over_time({figures.READY.name}[5m]))"
    async with traffic(watched.cluster.one, watched.cluster.two):
        await watched.until(
            lambda: any(float(s["value"][1]) > SCRAPES for s in watched.prometheus.query(looks))
        )


@pytest.mark.parametrize(
    ("title", "expression"),
    [
        (panel["title"], target["expr"])
        for panel in PANELS
        for target in panel["targets"]
        if set(NAMES.findall(target["expr"])) & {figure.name for figure in HERE}
    ],
)
def test_the_dashboard_is_answered(watched: Watched, title: str, expression: str) -> None:
    """What the embedded size has nothing to say of is there, as numbers."""
    found = watched.prometheus.query(asked(expression))
    assert found, f"{title} shows nothing"
    assert not any(math.isnan(float(series["value"][1])) for series in found), title


def test_nodes_are_those_who_serve(watched: Watched) -> None:
    """Relay and projector answer /readyz too, and are no nodes: two of two, with four processes."""
    (panel,) = (each for each in PANELS if each["title"] == "Nodes ready")
    for target in panel["targets"]:
        (series,) = watched.prometheus.query(asked(target["expr"]))
        assert float(series["value"][1]) == 2, target["expr"]


def test_each_process_says_what_it_does(watched: Watched) -> None:
    """The relay of slices, nodes of sockets, the projector of views; and nothing alarms."""
    confirmed = watched.ask("parley_relay_events_total")
    assert confirmed["relay"] > 0
    assert set(watched.ask("parley_relay_lag_seconds")) == {"relay"}
    assert set(watched.ask("sum by (instance) (parley_projector_lag_events)")) == {"projector"}
    connected = watched.ask("sum by (instance) (parley_broker_connected)")
    assert connected == dict.fromkeys(("one", "two", "relay", "projector"), 2)
    delivered = watched.ask("parley_delivery_seconds_count")
    assert min(delivered["one"], delivered["two"]) > 10
    rules = watched.prometheus.rules()
    assert [rule["name"] for rule in rules if rule["state"] == "firing"] == []


async def test_parts_that_are_away_are_seen(watched: Watched) -> None:
    """Broker and Redis die: that is seen, and what stands in for them; then they are back."""
    cluster = watched.cluster
    async with traffic(cluster.one, cluster.two):
        await asyncio.to_thread(cluster.stack.kill, "broker")
        await asyncio.to_thread(cluster.stack.kill, "redis")
        await watched.until(
            lambda: set(watched.ask("sum by (instance) (parley_broker_connected)").values()) == {0}
        )
        await watched.until(lambda: watched.ask("parley_relay_lag_events")["relay"] > 0)
        polls = watched.ask("parley_head_polls_total")
        await watched.until(lambda: watched.ask("parley_head_polls_total")["two"] > polls["two"])
        await visitor_session(cluster.one.url, cluster.one.credentials["site"])
        await watched.until(lambda: watched.ask("parley_rate_limit_fallbacks_total")["one"] > 0)
        alarming = {r["name"] for r in watched.prometheus.rules() if r["state"] != "inactive"}
        assert "ParleyBrokerAway" in alarming
        await asyncio.to_thread(cluster.stack.start, "broker", "redis")
        await watched.until(
            lambda: watched.ask("sum by (instance) (parley_broker_connected)")["two"] == 2
        )
    await watched.until(lambda: watched.ask("parley_relay_lag_events")["relay"] == 0)
