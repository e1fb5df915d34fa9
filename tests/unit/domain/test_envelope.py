"""Marks and times of recorded events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from domain.envelope import MARK_BYTES, Metadata, RecordedEvent, mark
from tests.doubles.appends import STREAM, VISITOR, uuid

EVENT = RecordedEvent(
    log=uuid(1),
    position=1,
    stream=STREAM,
    version=1,
    decided=0,
    type="message.posted",
    schema_version=1,
    id=uuid(2),
    actor=VISITOR,
    metadata=Metadata(uuid(3)),
    recorded_at=1_700_000_000_123_456,
    key_id=uuid(4),
    hash=bytes(range(32)),
    data=None,
)


def test_a_mark_is_the_beginning_of_the_hash() -> None:
    """Eight bytes in hex, and nothing of the rest."""
    assert EVENT.mark == mark(EVENT.hash) == "0001020304050607"
    assert len(bytes.fromhex(EVENT.mark)) == MARK_BYTES
    assert replace(EVENT, hash=EVENT.hash[:8] + b"x" * 24).mark == EVENT.mark


def test_times_are_exact_to_the_microsecond() -> None:
    """No rounding on the way from the stored number to the time shown, however far off."""
    assert EVENT.at == datetime(2023, 11, 14, 22, 13, 20, 123456, tzinfo=UTC)
    for micros in (1, 999_999, 9_007_199_254_740_993):
        at = replace(EVENT, recorded_at=micros).at
        assert (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) == micros
