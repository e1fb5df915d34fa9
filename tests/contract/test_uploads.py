"""The contract of the register of files: PostgreSQL's, and its twin."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from adapters.postgres.database import PostgresDatabase
from domain.append import NO_STREAM, Append, Part
from domain.envelope import Actor, NewEvent
from domain.file.events import FileStored
from domain.file.ports import Doomed, Upload, Uploads
from tests.doubles.memory_files import MemoryUploads

LOG = UUID("018c0000-0000-7000-8000-000000000001")
FILE = UUID("018c0000-0000-7000-8000-000000000002")
OTHER = UUID("018c0000-0000-7000-8000-000000000003")
ADA = Actor("visitor", "ada")
NOW, DAY_S = 1_700_000_000.0, 86_400.0
UPLOAD = Upload(
    log=LOG,
    file=FILE,
    subject="visitor-ada",
    role="visitor",
    owner="ada",
    conversation=OTHER,
    size=2_500,
    chunk_bytes=1_000,
    name=b"\x01sealed",
    created_at=NOW,
    due_at=NOW + DAY_S,
)


class Register:
    """A register, and what else is done with what it stands on."""

    def __init__(self, uploads: Uploads, doomed: Doomed, database: PostgresDatabase | None) -> None:
        self.uploads, self.doomed = uploads, doomed
        self._database = database

    async def prepare(self) -> None:
        """Have the log that files are of."""
        if self._database is not None:
            await self._database.store.create_log(LOG, "demo")

    async def enter(self, file: UUID) -> None:
        """Put a file into the log."""
        if self._database is None:
            assert isinstance(self.uploads, MemoryUploads)
            self.uploads.logged.add((LOG, file))
            return
        stored = FileStored(str(file), "a.txt", "text/plain", 2_500, "00")
        part = Part(f"file-{file}", NO_STREAM, (NewEvent(stored, "visitor-ada"),))
        await self._database.store.append_batch(LOG, [Append(file, ADA, b"", (part,))])

    async def erase(self) -> None:
        """Destroy Ada's key."""
        if self._database is None:
            assert isinstance(self.uploads, MemoryUploads)
            self.uploads.erase(LOG, "visitor-ada")
        else:
            await self._database.store.destroy_key(LOG, "visitor-ada")


@pytest.fixture(params=["memory", "postgres"])
def register(request: pytest.FixtureRequest) -> Register:
    """A fresh register; each test runs once for every implementation."""
    if request.param == "memory":
        twin = MemoryUploads()
        return Register(twin, twin, None)
    database: PostgresDatabase = request.getfixturevalue("postgres")
    return Register(database.uploads, database.doomed_files, database)


@pytest.fixture(autouse=True)
async def prepared(register: Register) -> None:
    """Each test has an empty log."""
    await register.prepare()


async def begun(register: Register, **other: Any) -> Upload:
    """A file that has begun."""
    upload = replace(UPLOAD, **other)
    assert await register.uploads.begin(upload, NOW - DAY_S, None)
    return upload


async def test_a_file_is_found_as_it_was_begun(register: Register) -> None:
    """By its tenant and id, and by no others."""
    assert await register.uploads.find(LOG, FILE) is None
    await begun(register)
    assert await register.uploads.find(LOG, FILE) == UPLOAD
    assert await register.uploads.find(OTHER, FILE) is None
    assert (UPLOAD.count, UPLOAD.received) == (3, 0)


async def test_chunks_count_once_and_in_order(register: Register) -> None:
    """Who comes second with the same one is told that it is not the next any more."""
    upload = await begun(register)
    assert await register.uploads.add(upload, "a", NOW + 2 * DAY_S)
    assert not await register.uploads.add(upload, "b", NOW + 2 * DAY_S)
    found = await register.uploads.find(LOG, FILE)
    assert found is not None
    assert (found.chunks, found.due_at, found.received) == (("a",), NOW + 2 * DAY_S, 1_000)
    assert await register.uploads.add(found, "c", NOW)
    last = await register.uploads.find(LOG, FILE)
    assert last is not None
    assert (last.chunks, last.received) == (("a", "c"), 2_000)


async def test_what_became_of_it_is_noted(register: Register) -> None:
    """A thumbnail, a refusal; what is in the log is due no more, whatever is noted later."""
    upload = await begun(register)
    await register.uploads.note(upload, NOW, thumbnail="t")
    await register.uploads.note(upload, NOW, refused="type_mismatch")
    await register.uploads.note(upload, None)
    await register.uploads.note(upload, NOW)
    found = await register.uploads.find(LOG, FILE)
    assert found is not None
    assert (found.thumbnail, found.refused, found.due_at) == ("t", "type_mismatch", None)
    assert not await register.uploads.add(found, "a", NOW)
    await register.uploads.doom(LOG, FILE, NOW)
    assert await register.uploads.find(LOG, FILE) == found


async def test_an_owner_begins_so_many_bytes(register: Register) -> None:
    """Within the time that is said; others are not counted with it."""
    await begun(register)
    second = replace(UPLOAD, file=OTHER, created_at=NOW + 1)
    assert not await register.uploads.begin(second, NOW - 1, 4_999)
    assert await register.uploads.find(LOG, OTHER) is None
    assert await register.uploads.begin(second, NOW, 4_999)
    eve = replace(UPLOAD, file=LOG, owner="eve", size=1)
    assert not await register.uploads.begin(eve, NOW - 1, 999)
    assert await register.uploads.begin(eve, NOW - 1, 1_000)


async def test_what_is_due_is_claimed_by_one(register: Register) -> None:
    """In order, so many at a time; after the lease by another; and then it is gone."""
    await begun(register)
    await begun(register, file=OTHER, due_at=NOW + 1)
    assert await register.doomed.claim(NOW, NOW + 9, 9) == []
    later = NOW + 2 * DAY_S
    assert await register.doomed.claim(later, later + 9, 1) == [(LOG, OTHER)]
    assert await register.uploads.find(LOG, OTHER) is None
    assert await register.doomed.claim(later, later + 9, 9) == [(LOG, FILE)]
    assert sorted(await register.doomed.claim(later + 9, later + 18, 9)) == [
        (LOG, FILE),
        (LOG, OTHER),
    ]
    for file in (FILE, OTHER):
        await register.doomed.gone(LOG, file)
    assert await register.doomed.claim(later + 99, later + 99, 9) == []


async def test_what_was_given_up_is_removed_by_others_only_later(register: Register) -> None:
    """Until then whoever gave it up does so itself."""
    upload = await begun(register)
    await register.uploads.doom(LOG, FILE, NOW + 60)
    assert await register.uploads.find(LOG, FILE) is None
    assert not await register.uploads.note(upload, NOW)
    assert await register.doomed.claim(NOW + 59, NOW + 99, 9) == []
    assert await register.doomed.claim(NOW + 60, NOW + 99, 9) == [(LOG, FILE)]


async def test_what_is_in_the_log_stays(register: Register) -> None:
    """Though the node that entered it died before it could say so."""
    await begun(register)
    await register.enter(FILE)
    assert await register.doomed.claim(NOW + 2 * DAY_S, NOW + 3 * DAY_S, 9) == []
    found = await register.uploads.find(LOG, FILE)
    assert found is not None
    assert found.due_at is None


async def test_with_the_key_the_files_are_to_go(register: Register) -> None:
    """Finished or not, all of that subject, and nobody finds them any more."""
    await begun(register)
    await register.enter(FILE)
    await register.uploads.note(UPLOAD, None)
    await begun(register, file=OTHER)
    await begun(register, file=LOG, subject="visitor-eve", owner="eve", due_at=None)
    await register.erase()
    assert await register.uploads.find(LOG, FILE) is None
    assert sorted(await register.doomed.claim(NOW, NOW + 9, 9)) == [(LOG, FILE), (LOG, OTHER)]
    assert await register.uploads.find(LOG, LOG) is not None
