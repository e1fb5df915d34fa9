"""The registry and upcasters, with a made-up event that has had three shapes."""

from __future__ import annotations

import traceback
from typing import Any

import msgspec
import pytest
from msgspec import Struct

from domain.errors import EventDamaged, UnknownEvent
from domain.registry import EventType, Registry


class Moved(Struct, frozen=True, omit_defaults=True):
    """The made-up event's present shape, its third."""

    place: str
    metres: int
    key: bytes = b""


class Rested(Struct, frozen=True):
    """An event that never changed."""


def split(form: dict[str, Any]) -> dict[str, Any]:
    """From the first shape: one text ``to`` of a place and kilometres."""
    place, kilometres = form["to"].split(" ")
    return {"place": place, "kilometres": int(kilometres)}


def to_metres(form: dict[str, Any]) -> dict[str, Any]:
    """From the second shape: kilometres. A key, if there is one, is passed on."""
    metres = form.pop("kilometres") * 1000
    return {**form, "metres": metres}


MOVED = EventType(
    "moved", Moved, deciding=True, schema_version=3, upcasters={1: split, 2: to_metres}
)
RESTED = EventType("rested", Rested, deciding=False)
registry = Registry([MOVED, RESTED])
pack = msgspec.msgpack.encode


@pytest.mark.parametrize(
    ("schema_version", "stored", "event"),
    [
        (1, pack({"to": "Oslo 7"}), Moved("Oslo", 7000)),
        (2, pack({"place": "Oslo", "kilometres": 7}), Moved("Oslo", 7000)),
        (2, pack({"place": "Oslo", "kilometres": 7, "key": b"\xff"}), Moved("Oslo", 7000, b"\xff")),
        (3, pack({"place": "Oslo", "metres": 7}), Moved("Oslo", 7)),
    ],
)
def test_every_version_is_read_as_the_present_one(
    schema_version: int, stored: bytes, event: Moved
) -> None:
    """A stored event of any version goes through every upcaster from there on."""
    assert registry.decode("moved", schema_version, stored) == event


def test_what_is_encoded_is_decoded() -> None:
    """An event survives the way through its bytes, which are the same every time."""
    event = Moved("Oslo", 7, b"\x00\xff")
    assert registry.encode(event) == registry.encode(Moved("Oslo", 7, b"\x00\xff"))
    assert registry.decode("moved", 3, registry.encode(event)) == event


@pytest.mark.parametrize(
    ("name", "schema_version"), [("flown", 1), ("moved", 4), ("moved", 0), ("rested", 2)]
)
def test_what_a_newer_program_wrote_is_unknown(name: str, schema_version: int) -> None:
    """An unknown type or version is told apart from damage: this program is too old."""
    with pytest.raises(UnknownEvent):
        registry.decode(name, schema_version, pack({}))


@pytest.mark.parametrize(
    ("schema_version", "stored"),
    [
        pytest.param(3, b"\xc1", id="not msgpack"),
        pytest.param(3, b"", id="nothing"),
        pytest.param(3, pack({"place": "Oslo"}), id="a field is missing"),
        pytest.param(3, pack({"place": 1, "metres": 7}), id="a field of another kind"),
        pytest.param(2, b"\xc1", id="old, not msgpack"),
        pytest.param(2, pack({"place": 1, "kilometres": 7}), id="old, of another kind"),
        pytest.param(2, pack({"place": "Oslo"}), id="old, a field is missing"),
        pytest.param(1, pack({"to": "Oslo"}), id="old, the upcaster cannot read it"),
        pytest.param(1, pack([1]), id="old, no map at all"),
    ],
)
def test_bytes_that_do_not_fit_are_damage(schema_version: int, stored: bytes) -> None:
    """Whatever is wrong with the bytes of a known version, it is EventDamaged."""
    with pytest.raises(EventDamaged):
        registry.decode("moved", schema_version, stored)


def test_types_are_found_by_event_and_by_name() -> None:
    """The registry knows an event's type from the event, and by its stable name."""
    assert registry.of(Rested()) is RESTED is registry.named("rested")
    assert list(registry) == [MOVED, RESTED]
    with pytest.raises(UnknownEvent):
        registry.named("flown")


@pytest.mark.parametrize(
    "types",
    [
        pytest.param([RESTED, EventType("rested", Moved, deciding=True)], id="a name twice"),
        pytest.param([RESTED, EventType("slept", Rested, deciding=True)], id="a class twice"),
        pytest.param(
            [EventType("moved", Moved, deciding=True, schema_version=3, upcasters={2: to_metres})],
            id="an upcaster is missing",
        ),
        *(
            pytest.param([EventType(name, Rested, deciding=False)], id=f"{name!r} is no name")
            for name in ("", "a,b", 'a"b', "a{b", "A", "a..b", "a.")
        ),
    ],
)
def test_a_registry_that_cannot_work_is_not_made(types: list[EventType]) -> None:
    """Mistakes in the table of types show when the program starts."""
    with pytest.raises(AssertionError):
        Registry(types)


def test_damage_is_told_without_what_was_written() -> None:
    """Neither the message nor its trace has a value in it that an upcaster stumbled over."""
    raw = msgspec.msgpack.encode({"to": "Ada somewhere"})
    with pytest.raises(EventDamaged, match="moved version 1 does not fit: ValueError") as damaged:
        registry.decode("moved", 1, raw)
    assert "somewhere" not in "".join(traceback.format_exception(damaged.value))
