"""Write the golden files of the event versions that have none yet, and samples that are missing.

Run once after a schema version went up, or an event has a new optional field:
``python -m tests.unit.golden.make_events``. What was stored is never touched: it is what older
programs wrote. Only what the present program makes of it is written out anew.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from domain.event_types import REGISTRY
from domain.registry import EventType
from tests.unit.golden.event_samples import SAMPLES
from tests.unit.golden.golden_events import Golden, Sample, path_of, written_out


def golden(event_type: EventType) -> Golden:
    """The golden file of the present version of a type."""
    events = [event for event in SAMPLES if isinstance(event, event_type.cls)]
    stored = dict.fromkeys([*_old(event_type), *(REGISTRY.encode(event).hex() for event in events)])
    samples = [Sample(each, written_out(_read(event_type, each))) for each in stored]
    return Golden(event_type.name, event_type.schema_version, tuple(samples))


def _old(event_type: EventType) -> list[str]:
    """What the file of the present version has already."""
    path = path_of(event_type.name, event_type.schema_version)
    if not path.exists():
        return []
    return [each.stored for each in msgspec.json.decode(path.read_bytes(), type=Golden).samples]


def _read(event_type: EventType, stored: str) -> Struct:
    read: Struct = REGISTRY.decode(
        event_type.name, event_type.schema_version, bytes.fromhex(stored)
    )
    return read


def main() -> None:
    """Write what is missing."""
    for event_type in REGISTRY:
        path = path_of(event_type.name, event_type.schema_version)
        written = msgspec.json.format(msgspec.json.encode(golden(event_type)), indent=2)
        path.write_bytes(written + b"\n")


if __name__ == "__main__":
    main()
