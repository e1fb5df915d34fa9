"""Write the golden files of the event versions that have none yet.

Run once after a schema version went up: ``python -m tests.unit.golden.make_events``. Files that are
there are never touched: they are what older programs wrote.
"""

from __future__ import annotations

import msgspec

from domain.event_types import REGISTRY
from domain.registry import EventType
from tests.unit.golden.event_samples import SAMPLES
from tests.unit.golden.golden_events import Golden, Sample, path_of, written_out


def golden(event_type: EventType) -> Golden:
    """The golden file of the present version of a type."""
    events = [event for event in SAMPLES if isinstance(event, event_type.cls)]
    samples = [Sample(REGISTRY.encode(event).hex(), written_out(event)) for event in events]
    return Golden(event_type.name, event_type.schema_version, tuple(samples))


def main() -> None:
    """Write what is missing."""
    for event_type in REGISTRY:
        path = path_of(event_type.name, event_type.schema_version)
        if not path.exists():
            written = msgspec.json.format(msgspec.json.encode(golden(event_type)), indent=2)
            path.write_bytes(written + b"\n")


if __name__ == "__main__":
    main()
