"""The library's infrastructure factory on a tenant's log, but for how the log is opened.

``ops.bridge`` adds that: it is the module to name as ``PERSISTENCE_MODULE``.
"""

from __future__ import annotations

import typing
from abc import ABC, abstractmethod
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

from eventsourcing.domain import TAggregateID
from eventsourcing.persistence import (
    InfrastructureFactory,
    InfrastructureFactoryError,
    Mapper,
    Transcoder,
)
from eventsourcing.utils import Environment, EnvType, resolve_topic

from adapters.eventsourcing_bridge.background import Background
from adapters.eventsourcing_bridge.log_events import LogMapper
from adapters.eventsourcing_bridge.opened import OpenLog
from adapters.eventsourcing_bridge.recorders import (
    ParleyAggregateRecorder,
    ParleyApplicationRecorder,
    ParleyProcessRecorder,
    ParleyTrackingRecorder,
)

Recorder = TypeVar("Recorder")

TENANT = "PARLEY_TENANT"
"""The variable that names the tenant whose log it is."""


class BridgeFactory(InfrastructureFactory[ParleyTrackingRecorder], ABC):
    """Makes recorders that share one opened log. Connects with the first call of one of them.

    Raises InfrastructureFactoryError where the environment names no tenant.
    """

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env)
        tenant = self.env.get(TENANT)
        if not tenant:
            keys = " or ".join(self.env.create_keys(TENANT))
            raise InfrastructureFactoryError(f"{keys} must name the tenant whose log it is")
        self._name = self.env.name or "eventsourcing"
        self._background = Background(self._opener(tenant))

    @abstractmethod
    def _opener(self, tenant: str) -> typing.Callable[[], AbstractAsyncContextManager[OpenLog]]:
        """What opens the tenant's log. It must not keep this factory alive."""

    def close(self) -> None:
        self._background.close()

    def mapper(
        self,
        transcoder: Transcoder | None = None,
        mapper_class: type[Mapper[TAggregateID]] | None = None,
    ) -> Mapper[TAggregateID]:
        """A mapper that reads Parley's own events too, unless another one is asked for."""
        if mapper_class is None and not self.env.get(self.MAPPER_TOPIC):
            mapper_class = LogMapper[TAggregateID]
        return super().mapper(transcoder, mapper_class)

    def aggregate_recorder(self, purpose: str = "events") -> ParleyAggregateRecorder:
        return ParleyAggregateRecorder(self._background, self._name, purpose)

    def application_recorder(self) -> ParleyApplicationRecorder:
        recorder = self._class(self.APPLICATION_RECORDER_TOPIC, ParleyApplicationRecorder)
        return recorder(self._background, self._name)

    def tracking_recorder(
        self, tracking_recorder_class: type[ParleyTrackingRecorder] | None = None
    ) -> ParleyTrackingRecorder:
        recorder = tracking_recorder_class or self._class(
            self.TRACKING_RECORDER_TOPIC, ParleyTrackingRecorder
        )
        return recorder(self._background, self._name)

    def process_recorder(self) -> ParleyProcessRecorder:
        recorder = self._class(self.PROCESS_RECORDER_TOPIC, ParleyProcessRecorder)
        return recorder(self._background, self._name)

    def _class(self, variable: str, default: type[Recorder]) -> type[Recorder]:
        """The class that the environment names, which must be of the default's kind."""
        topic = self.env.get(variable)
        named: Any = resolve_topic(topic) if topic else default
        if not (isinstance(named, type) and issubclass(named, default)):
            raise InfrastructureFactoryError(f"{topic} is no {default.__name__}")
        return named
