"""The contract of the store of files: a directory, an S3-compatible server, and the twin."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.files.blobs import ObjectBlobs, open_blobs
from domain.errors import FilesAway
from domain.file.ports import Blobs
from domain.file.settings import FileSettings
from tests.doubles.memory_files import MemoryBlobs
from tests.fixtures.object_store import ObjectStore

CHUNK = bytes(range(256)) * 1_024


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[ObjectBlobs]:
    """A store in a directory, which is made."""
    blobs = open_blobs(FileSettings(), tmp_path / "files")
    yield blobs
    blobs.close()


@pytest.fixture
def s3(object_store: ObjectStore, tmp_path: Path) -> Iterator[ObjectBlobs]:
    """A store in a bucket."""
    blobs = open_blobs(FileSettings(**object_store.settings()), tmp_path)
    yield blobs
    blobs.close()


@pytest.fixture
def memory() -> MemoryBlobs:
    """The twin."""
    return MemoryBlobs()


@pytest.fixture(params=["directory", "s3", "memory"])
def blobs(request: pytest.FixtureRequest) -> Blobs:
    """A fresh store; each test runs once for every implementation."""
    found: Blobs = request.getfixturevalue(request.param)
    return found


async def test_what_was_put_comes_back(blobs: Blobs) -> None:
    """Byte for byte, under its name, many at a time."""
    names = [f"log/file/{number}-a" for number in range(12)]
    await asyncio.gather(*(blobs.put(name, name.encode() + CHUNK) for name in names))
    found = await asyncio.gather(*map(blobs.get, names))
    assert found == [name.encode() + CHUNK for name in names]


async def test_what_is_not_there_is_said(blobs: Blobs) -> None:
    """Never put, or removed."""
    await blobs.put("log/file/0-a", CHUNK)
    await blobs.remove(["log/file/0-a", "log/file/1-a"])
    for name in ("log/file/0-a", "nowhere/file/0-a"):
        assert await blobs.get(name) is None


async def test_a_file_goes_with_all_that_is_below(blobs: Blobs) -> None:
    """And no other whose name begins like it; twice is as good as once."""
    for name in ("log/file/0-a", "log/file/1-a", "log/file/thumbnail-a", "log/file2/0-a"):
        await blobs.put(name, b"x")
    await blobs.remove_below("log/file")
    await blobs.remove_below("log/file")
    for name in ("log/file/0-a", "log/file/1-a", "log/file/thumbnail-a"):
        assert await blobs.get(name) is None
    assert await blobs.get("log/file2/0-a") == b"x"


async def test_a_directory_is_left_empty(directory: ObjectBlobs, tmp_path: Path) -> None:
    """Of a file that is gone no folder stays; nobody else may look into what does."""
    await directory.put("log/file/0-a", b"x")
    assert (tmp_path / "files").stat().st_mode & 0o077 == 0
    await directory.remove_below("log/file")
    assert list((tmp_path / "files").iterdir()) == []
    assert await directory.probe() is None


async def test_a_store_that_does_not_answer_is_away(tmp_path: Path, s3: ObjectBlobs) -> None:
    """It is said within the time that is set, and names no address."""
    assert await s3.probe() is None
    nowhere: dict[str, Any] = {
        "url": "s3://bucket",
        "endpoint": "http://127.0.0.1:9",
        "access_key": "a",
        "secret_key": "b",
    }
    blobs = open_blobs(FileSettings(**nowhere, answer_s=0.5), tmp_path)
    with pytest.raises(FilesAway) as away:
        await blobs.put("log/file/0-a", b"x")
    assert "127.0.0.1" not in str(away.value)
    assert await blobs.probe() is not None
    blobs.close()


async def test_a_store_that_hangs_is_not_waited_for(tmp_path: Path) -> None:
    """Whoever asked is told after the time that is set, once for all repeats."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings: dict[str, Any] = {
            "url": "s3://bucket",
            "endpoint": f"http://127.0.0.1:{silent.getsockname()[1]}",
            "access_key": "a",
            "secret_key": "b",
        }
        blobs = open_blobs(FileSettings(**settings, answer_s=0.2), tmp_path)
        with pytest.raises(FilesAway):
            await blobs.put("log/file/0-a", b"x")
        blobs.close()


async def test_a_bucket_that_is_not_there_is_told(
    tmp_path: Path, object_store: ObjectStore
) -> None:
    """Whoever set up another one learns it from the probe, not from the first visitor."""
    settings = {**object_store.settings(), "url": "s3://another-bucket"}
    blobs = open_blobs(FileSettings(**settings), tmp_path)
    assert await blobs.probe() is not None
    blobs.close()
