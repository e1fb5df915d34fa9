"""Golden samples: every event version that was ever written can be read, and none changes.

They fail when a field is renamed, a default changes or an event type is dropped without a new
schema version and its upcaster.
"""

from __future__ import annotations

import pytest
from msgspec import Struct

from domain.event_types import REGISTRY
from domain.registry import EventType
from tests.unit.golden.event_samples import SAMPLES
from tests.unit.golden.golden_events import Golden, Sample, load, path_of, written_out

GOLDEN = load()
VERSIONS = [
    (event_type.name, version)
    for event_type in REGISTRY
    for version in range(1, event_type.schema_version + 1)
]


def _cases(*, current_only: bool) -> list[object]:
    return [
        pytest.param(golden, sample, id=f"{golden.path.stem}-{n}")
        for golden in GOLDEN
        if not current_only or REGISTRY.named(golden.type).schema_version == golden.schema_version
        for n, sample in enumerate(golden.samples)
    ]


@pytest.mark.parametrize(("name", "schema_version"), VERSIONS)
def test_every_version_has_samples(name: str, schema_version: int) -> None:
    """A registered version without a golden file would be unguarded; make_events.py writes it."""
    named = {(golden.type, golden.schema_version): golden for golden in GOLDEN}
    assert named[name, schema_version].samples
    assert path_of(name, schema_version).exists()


def test_nothing_that_was_written_is_forgotten() -> None:
    """Every golden file is of a version that the registry still knows."""
    assert {(golden.type, golden.schema_version) for golden in GOLDEN} == set(VERSIONS)


@pytest.mark.parametrize(("golden", "sample"), _cases(current_only=False))
def test_a_sample_is_read(golden: Golden, sample: Sample) -> None:
    """The stored bytes give the value, field by field, through the upcasters where old."""
    event = REGISTRY.decode(golden.type, golden.schema_version, bytes.fromhex(sample.stored))
    assert REGISTRY.of(event).name == golden.type
    assert written_out(event) == sample.value


@pytest.mark.parametrize(("golden", "sample"), _cases(current_only=True))
def test_a_current_sample_is_written_alike(golden: Golden, sample: Sample) -> None:
    """The present version writes the same bytes as ever."""
    event = REGISTRY.decode(golden.type, golden.schema_version, bytes.fromhex(sample.stored))
    assert REGISTRY.encode(event).hex() == sample.stored


@pytest.mark.parametrize("event", SAMPLES, ids=repr)
def test_samples_are_golden(event: Struct) -> None:
    """What this program writes today stands in the golden file of its version."""
    event_type = REGISTRY.of(event)
    stored = {
        sample.stored
        for golden in GOLDEN
        if (golden.type, golden.schema_version) == (event_type.name, event_type.schema_version)
        for sample in golden.samples
    }
    assert REGISTRY.encode(event).hex() in stored


@pytest.mark.parametrize("event_type", list(REGISTRY), ids=lambda event_type: event_type.name)
def test_every_field_has_been_seen_set(event_type: EventType) -> None:
    """The present samples of a type show each of its fields with something in it."""
    events = [event for event in SAMPLES if isinstance(event, event_type.cls)]
    shown = {name for event in events for name, value in written_out(event).items() if value}
    assert shown == set(event_type.cls.__struct_fields__)
