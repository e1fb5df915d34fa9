"""The library's own conformance cases, all of them, run against the bridge.

They are the library's code: each begins with an empty log and expects consecutive ids.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from eventsourcing.persistence import InfrastructureFactory
from eventsourcing.utils import Environment

from adapters.eventsourcing_bridge.recorders import (
    ParleyAggregateRecorder,
    ParleyApplicationRecorder,
    ParleyProcessRecorder,
    ParleyTrackingRecorder,
)
from ops.bridge import ParleyFactory
from tests.integration.eventsourcing.conftest import NewTenant
from tests.integration.eventsourcing.library_cases import persistence as cases


class OnEmptyLog:
    """Gives a case its factory, on a log of its own."""

    factory: ParleyFactory

    @pytest.fixture(autouse=True)
    def _empty_log(self, new_tenant: NewTenant) -> Iterator[None]:
        factory = InfrastructureFactory.construct(Environment("Conformance", new_tenant()))
        assert isinstance(factory, ParleyFactory)
        self.factory = factory
        yield
        factory.close()


class TestAggregateRecorder(OnEmptyLog, cases.AggregateRecorderTestCase):
    """Sequences of aggregates."""

    def create_recorder(self) -> ParleyAggregateRecorder:
        return self.factory.aggregate_recorder()


class TestSnapshotRecorder(OnEmptyLog, cases.AggregateRecorderTestCase):
    """Sequences of snapshots."""

    def create_recorder(self) -> ParleyAggregateRecorder:
        return self.factory.aggregate_recorder(purpose="snapshots")


class TestApplicationRecorder(OnEmptyLog, cases.ApplicationRecorderTestCase):
    """The whole log, and following it."""

    def create_recorder(self) -> ParleyApplicationRecorder:
        return self.factory.application_recorder()

    def test_insert_subscribe(self) -> None:
        """The case that the library leaves to its recorders to switch on."""
        self.optional_test_insert_subscribe()


class TestNonInterleavingIds(OnEmptyLog, cases.NonInterleavingNotificationIDsBaseCase):
    """What is recorded together stands together."""

    def create_recorder(self) -> ParleyApplicationRecorder:
        return self.factory.application_recorder()


class TestTrackingRecorder(OnEmptyLog, cases.TrackingRecorderTestCase):
    """How far a read model has come."""

    def create_recorder(self) -> ParleyTrackingRecorder:
        return self.factory.tracking_recorder()


class TestProcessTrackingRecorder(OnEmptyLog, cases.TrackingRecorderTestCase):
    """How far a process has come."""

    def create_recorder(self) -> ParleyProcessRecorder:
        return self.factory.process_recorder()


class TestProcessRecorder(OnEmptyLog, cases.ProcessRecorderTestCase):
    """Events and place in one insertion."""

    def create_recorder(self) -> ParleyProcessRecorder:
        return self.factory.process_recorder()


class TestProcessAsApplicationRecorder(OnEmptyLog, cases.ApplicationRecorderTestCase):
    """A process recorder is an application recorder."""

    def create_recorder(self) -> ParleyProcessRecorder:
        return self.factory.process_recorder()


class ReadModel(ParleyTrackingRecorder):
    """A tracking recorder of somebody's own."""


class TestFactory(cases.InfrastructureFactoryTestCase[ParleyFactory]):
    """The factory, as the library constructs it from an environment."""

    @pytest.fixture(autouse=True)
    def _environment(self, new_tenant: NewTenant) -> None:
        self.env = Environment("Conformance", new_tenant())

    def expected_factory_class(self) -> type[ParleyFactory]:
        return ParleyFactory

    def expected_aggregate_recorder_class(self) -> type[ParleyAggregateRecorder]:
        return ParleyAggregateRecorder

    def expected_application_recorder_class(self) -> type[ParleyApplicationRecorder]:
        return ParleyApplicationRecorder

    def expected_tracking_recorder_class(self) -> type[ParleyTrackingRecorder]:
        return ParleyTrackingRecorder

    def tracking_recorder_subclass(self) -> type[ParleyTrackingRecorder]:
        return ReadModel

    def expected_process_recorder_class(self) -> type[ParleyProcessRecorder]:
        return ParleyProcessRecorder
