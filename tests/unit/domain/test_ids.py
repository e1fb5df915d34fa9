"""Ids that follow from other ids: fixed for ever, since what is stored rests on them."""

from __future__ import annotations

from hashlib import sha256
from itertools import product
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import MAX_EVENTS_PER_COMMAND, derived_id, event_id, event_ids

LOG = UUID("018c0000-0000-7000-8000-000000000001")
COMMAND = UUID("018cc251-f400-7abc-9def-0123456789ab")


@pytest.mark.parametrize(
    ("role", "actor", "n", "expected"),
    [
        ("visitor", "ada", 0, "018cc251-f400-8e56-9623-cce1307d2995"),
        ("visitor", "ada", 1, "018cc251-f400-8822-ab06-2445316a50aa"),
        ("agent", "grace", 15, "018cc251-f400-8ddc-ba16-67b4c0419c3b"),
        ("visitor", "Zoë 🦜", 0, "018cc251-f400-8043-8455-3acc0196885d"),
    ],
)
def test_golden_event_ids(role: str, actor: str, n: int, expected: str) -> None:
    """These ids stand in logs already; another algorithm would write every repeat twice."""
    assert str(event_id(LOG, role, actor, COMMAND, n)) == expected


def test_golden_derived_id() -> None:
    """The id of a started conversation is as fixed as an event's."""
    found = derived_id("conversation", LOG, "visitor", "ada", COMMAND)
    assert str(found) == "018cc251-f400-8671-abac-cfd9678c3aed"


def test_the_layout_by_hand() -> None:
    """An event id is 48 bits of the command's time, then SHA-256 over the fields by length."""
    parts = [LOG.bytes, b"agent", b"grace", COMMAND.bytes, (3).to_bytes(8, "big")]
    written = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    expected = bytearray(COMMAND.bytes[:6] + sha256(written).digest()[:10])
    expected[6] = 0x80 | expected[6] & 0x0F
    expected[8] = 0x80 | expected[8] & 0x3F
    assert event_id(LOG, "agent", "grace", COMMAND, 3).bytes == bytes(expected)


def test_ids_are_uuids_of_version_8() -> None:
    """RFC 9562's version for ids of one's own making."""
    found = event_id(LOG, "visitor", "ada", COMMAND, 0)
    assert (found.version, found.variant) == (8, RFC_4122)


def test_everything_that_names_an_event_counts() -> None:
    """Another log, role, actor, command or number is another event."""
    other_command = UUID("018cc251-f400-7abc-9def-0123456789ac")
    other_log = UUID("018c0000-0000-7000-8000-000000000002")
    named = product(
        (LOG, other_log), ("agent", "visitor"), ("a", "b"), (COMMAND, other_command), range(16)
    )
    ids = [event_id(*name) for name in named]
    assert len(set(ids)) == len(ids) == 256


def test_fields_do_not_run_together() -> None:
    """Lengths are hashed too, so no text can be moved from one field to the next."""
    one = event_id(LOG, "agent", "sgrace", COMMAND, 0)
    assert one != event_id(LOG, "agents", "grace", COMMAND, 0)


def test_all_ids_of_a_command() -> None:
    """The ids that a repeat is looked for under are those that its events can have."""
    expected = [event_id(LOG, "agent", "a", COMMAND, n) for n in range(MAX_EVENTS_PER_COMMAND)]
    assert event_ids(LOG, "agent", "a", COMMAND) == expected


def test_a_derived_id_is_no_event_id() -> None:
    """A thing that a command makes has an id apart from its events', and from other things'."""
    things = {derived_id(kind, LOG, "agent", "a", COMMAND) for kind in ("conversation", "file")}
    assert len(things | set(event_ids(LOG, "agent", "a", COMMAND))) == 18


@given(st.integers(0, 2**48 - 1), st.integers(0, 2**48 - 1), st.binary(min_size=10, max_size=10))
def test_time_order_is_kept(earlier: int, later: int, rest: bytes) -> None:
    """Ids of commands from different milliseconds sort as their commands do."""
    earlier, later = sorted((earlier, later))
    first, second = (
        event_id(LOG, "agent", "a", UUID(bytes=time.to_bytes(6, "big") + rest), 0)
        for time in (earlier, later)
    )
    assert (first < second) == (earlier < later)
