"""Whole applications of the library on the bridge: its own cases, configured as its users would."""

from __future__ import annotations

from uuid import UUID

import pytest
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate
from eventsourcing.utils import get_topic

from ops.bridge import ParleyFactory
from tests.integration.eventsourcing.conftest import NewTenant
from tests.integration.eventsourcing.library_cases import application, projection


class InEnvironment:
    """Gives a case an empty log by environment variables."""

    @pytest.fixture(autouse=True)
    def _empty_log(self, new_tenant: NewTenant, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in new_tenant().items():
            monkeypatch.setenv(name, value)


class TestExampleApplication(InEnvironment, application.ExampleApplicationTestCase):
    """Aggregates, repository, notification log and snapshots."""

    expected_factory_topic = get_topic(ParleyFactory)


@pytest.mark.filterwarnings("default:.log. is deprecated:DeprecationWarning")
class TestApplication(InEnvironment, application.ApplicationTestCase):
    """Saving, caching, and contention for one aggregate."""


class TestEventSourcedProjection(InEnvironment, projection.EventSourcedProjectionTestCase):
    """A process application follows another one; each has a tenant of its own."""

    @pytest.fixture(autouse=True)
    def _another_log(self, new_tenant: NewTenant, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("COUNTERS_PARLEY_TENANT", new_tenant()["PARLEY_TENANT"])


def test_snapshots_are_not_told(new_tenant: NewTenant) -> None:
    """What is recorded for its own reader takes a position, but no follower gets it."""
    env = new_tenant() | {"IS_SNAPSHOTTING_ENABLED": "y"}
    with Application[UUID](env=env) as app:
        aggregate = Aggregate()
        app.save(aggregate)
        app.take_snapshot(aggregate.id)
        assert app.recorder.max_notification_id() == 1
        aggregate.trigger_event(Aggregate.Event)
        app.save(aggregate)
        told = app.recorder.select_notifications(start=None, limit=10)
        assert [each.id for each in told] == [1, 3]
        assert app.recorder.max_notification_id() == 3
