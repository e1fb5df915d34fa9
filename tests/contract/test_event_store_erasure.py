"""The event store's contract: what an erased subject leaves behind."""

from __future__ import annotations

from uuid import UUID

from domain.append import NO_STREAM, Appended, Conflict, SubjectErased
from tests.contract.conftest import ErasableStore
from tests.doubles.appends import OTHER, STREAM, SUBJECT, VISITOR, append, known, part, said, uuid

OTHERS = "visitor-2"


async def test_erased_events_keep_their_place_only(store: ErasableStore, log: UUID) -> None:
    """Data and the actor's name are gone; ids, places, times and hashes stay."""
    await store.append_batch(log, [append(1), append(2, part(said(), stream=OTHER))])
    before = await store.read_log(log, 0, 100)
    await store.destroy_key(log, SUBJECT)
    after = (await store.read_log(log, 0, 100))[:2]
    assert [(event.data, event.actor.name) for event in after] == [(None, None)] * 2
    for was, now in zip(before, after, strict=True):
        assert (now.position, now.id, now.hash) == (was.position, was.id, was.hash)
        assert (now.recorded_at, now.metadata) == (was.recorded_at, was.metadata)
        assert (now.actor.role, now.actor.id) == (was.actor.role, was.actor.id)
    assert (await store.read_stream(log, STREAM, 0, 1))[0].data is None


async def test_other_subjects_are_untouched(store: ErasableStore, log: UUID) -> None:
    """Erasing one subject hides nothing of another on the same stream."""
    await store.append_batch(log, [append(1, part(said(), said("mine", subject=OTHERS)))])
    await store.destroy_key(log, SUBJECT)
    gone, kept = (await store.read_log(log, 0, 100))[:2]
    assert gone.data is None
    assert (kept.data.body.text, kept.actor.name) == ("mine", VISITOR.name)


async def test_nothing_is_added_under_a_destroyed_key(store: ErasableStore, log: UUID) -> None:
    """A command of an erased subject is answered so, and does not fail its neighbours."""
    await store.append_batch(log, [append(1)])
    await store.destroy_key(log, SUBJECT)
    other = append(3, part(said(subject=OTHERS), stream=OTHER))
    mixed = append(4, part(said(subject=OTHERS), said(), stream=OTHER))
    answers = await store.append_batch(log, [append(2), other, mixed])
    assert [type(answer) for answer in answers] == [SubjectErased, Appended, SubjectErased]
    assert len(await store.read_stream(log, OTHER, 0, 100)) == 1


async def test_a_repeat_is_known_after_the_erasure(store: ErasableStore, log: UUID) -> None:
    """A known id is a duplicate whatever its content: the digest cannot be read any more."""
    await store.append_batch(log, [append(1, content=b"one")])
    await store.destroy_key(log, SUBJECT)
    again = known((await store.append_batch(log, [append(1, content=b"two")]))[0])
    assert again.same
    assert (again.last.metadata.command, again.last.data) == (uuid(1), None)
    found = await store.recheck(log, VISITOR, uuid(1), b"two", [])
    assert found.same
    assert found.last == again.last


async def test_the_digest_is_under_the_first_events_key(store: ErasableStore, log: UUID) -> None:
    """Of a command of two subjects, the first event's decides whether contents can be compared."""
    for number, subjects in ((1, (SUBJECT, OTHERS)), (2, (OTHERS, SUBJECT))):
        events = [said(subject=subject) for subject in subjects]
        await store.append_batch(log, [append(number, part(*events), content=b"one")])
    await store.destroy_key(log, SUBJECT)
    repeats = [append(number, content=b"two") for number in (1, 2)]
    answers = await store.append_batch(log, repeats)
    assert [known(answer).same for answer in answers] == [True, False]


async def test_an_erased_subject_stays_so(store: ErasableStore, log: UUID) -> None:
    """A second erasure changes nothing, and a subject can be erased before it said anything."""
    await store.destroy_key(log, SUBJECT)
    await store.destroy_key(log, SUBJECT)
    assert await store.append_batch(log, [append(1)]) == [SubjectErased()]


async def test_a_conflict_is_told_before_the_erasure(store: ErasableStore, log: UUID) -> None:
    """A broken expectation comes first: decided again, the command learns of the erasure."""
    await store.append_batch(log, [append(1)])
    await store.destroy_key(log, SUBJECT)
    stale = append(2, part(said(), expect=NO_STREAM))
    assert await store.append_batch(log, [stale]) == [Conflict()]


async def test_an_erasure_is_of_one_log(store: ErasableStore, log: UUID) -> None:
    """A subject of the same name in another log is somebody else."""
    second = uuid(500)
    await store.create_log(second, "second")
    await store.append_batch(log, [append(1)])
    await store.append_batch(second, [append(1)])
    await store.destroy_key(log, SUBJECT)
    assert (await store.read_log(second, 0, 1))[0].data is not None
