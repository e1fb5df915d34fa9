"""The contract of snapshots: found where form, place and hash are those of the log, else not."""

from __future__ import annotations

from typing import cast
from uuid import UUID

import pytest
from msgspec.structs import replace

from domain.ports import Snapshot, Snapshots
from tests.contract.conftest import ErasableStore
from tests.doubles.appends import OTHER, STREAM, SUBJECT, append, part, said

FORM = 2**56 - 1
"""The largest number that a form has."""


@pytest.fixture
def snapshots(request: pytest.FixtureRequest, store: ErasableStore) -> Snapshots:
    """Those of this run's store: the doubles keep them themselves."""
    if "postgres" in type(store).__module__:
        return cast("Snapshots", request.getfixturevalue("postgres").snapshots)
    return cast("Snapshots", store)


@pytest.fixture
async def snapshot(store: ErasableStore, log: UUID) -> Snapshot:
    """Of the second of three events; not kept yet."""
    await store.append_batch(log, [append(n) for n in range(3)])
    (event,) = await store.read_stream(log, STREAM, 1, 1)
    return Snapshot(STREAM, 2, event.hash, FORM, SUBJECT, b"the state")


async def test_what_was_kept_is_found(snapshots: Snapshots, log: UUID, snapshot: Snapshot) -> None:
    """As it was given, of this stream only; before that there is none."""
    assert await snapshots.find_snapshot(log, STREAM, FORM) is None
    await snapshots.keep_snapshot(log, snapshot)
    assert await snapshots.find_snapshot(log, STREAM, FORM) == snapshot
    assert await snapshots.find_snapshot(log, OTHER, FORM) is None


async def test_a_later_one_takes_its_place(
    store: ErasableStore, snapshots: Snapshots, log: UUID, snapshot: Snapshot
) -> None:
    """There is one a stream, whichever came last."""
    (event,) = await store.read_stream(log, STREAM, 2, 1)
    later = replace(snapshot, version=3, hash=event.hash, state=b"later" * 1000)
    for one in (snapshot, later, snapshot):
        await snapshots.keep_snapshot(log, one)
        assert await snapshots.find_snapshot(log, STREAM, FORM) == one


async def test_one_of_another_form_is_not_found(
    snapshots: Snapshots, log: UUID, snapshot: Snapshot
) -> None:
    """Whatever it holds, this program would not read it right."""
    await snapshots.keep_snapshot(log, replace(snapshot, form=FORM - 1))
    assert await snapshots.find_snapshot(log, STREAM, FORM) is None


@pytest.mark.parametrize("wrong", [{"version": 3}, {"version": 4}, {"hash": bytes(32)}])
async def test_one_of_another_history_is_not_kept(
    snapshots: Snapshots, log: UUID, snapshot: Snapshot, wrong: dict[str, int]
) -> None:
    """The log has no such event: it is beyond the end, or another one stands there."""
    await snapshots.keep_snapshot(log, replace(snapshot, **wrong))
    assert await snapshots.find_snapshot(log, STREAM, FORM) is None


async def test_it_goes_with_its_subjects_key(
    store: ErasableStore, snapshots: Snapshots, log: UUID, snapshot: Snapshot
) -> None:
    """What was kept is gone with the erasure, and nothing is kept after it. Others' stay."""
    await store.append_batch(log, [append(9, part(said(subject="visitor-2"), stream=OTHER))])
    (event,) = await store.read_stream(log, OTHER, 0, 1)
    others = Snapshot(OTHER, 1, event.hash, FORM, "visitor-2", b"of another")
    await snapshots.keep_snapshot(log, snapshot)
    await snapshots.keep_snapshot(log, others)
    await store.destroy_key(log, SUBJECT)
    assert await snapshots.find_snapshot(log, STREAM, FORM) is None
    await snapshots.keep_snapshot(log, snapshot)
    assert await snapshots.find_snapshot(log, STREAM, FORM) is None
    assert await snapshots.find_snapshot(log, OTHER, FORM) == others


async def test_a_subject_without_a_key_has_none(
    snapshots: Snapshots, log: UUID, snapshot: Snapshot
) -> None:
    """No key is made for a snapshot's sake."""
    await snapshots.keep_snapshot(log, replace(snapshot, subject="visitor-9"))
    assert await snapshots.find_snapshot(log, STREAM, FORM) is None


def test_it_is_not_told_in_logs() -> None:
    """What is in it is personal: its representation names place and version only."""
    secret = Snapshot(STREAM, 2, bytes(32), FORM, SUBJECT, b"secret")
    assert "secret" not in repr(secret)
    assert STREAM in repr(secret)
