"""Bytes under names, in a directory or an S3-compatible store: :class:`domain.file.ports.Blobs`.

One library speaks to both. It is asked from threads of our own and never by its own coroutines:
those call back from threads that the interpreter knows nothing of, and may do so while it ends.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, S3Store

from domain.breaker import NO_BREAKER, Breaker, PartAway
from domain.errors import FilesAway
from domain.file.settings import FileSettings

T = TypeVar("T")

RETRIES = 2
"""How often the library asks again, of its own, what failed on the way."""

LOOK = "look"
"""Below what is looked to see whether the store answers; there is nothing."""


class ObjectBlobs:
    """A store of files. ``directory`` is where a local one lies, and None for another.

    It is opened when it is first asked: who has nothing to do with files makes no directory.
    """

    def __init__(
        self,
        opened: Callable[[], ObjectStore],
        directory: Path | None,
        settings: FileSettings,
        breaker: Breaker = NO_BREAKER,
    ) -> None:
        self._opened = opened
        self._directory = directory
        self._breaker = breaker
        self._threads = ThreadPoolExecutor(settings.threads, "files")

    @cached_property
    def _store(self) -> ObjectStore:
        return self._opened()

    async def put(self, name: str, data: bytes) -> None:
        await self._asked(lambda: self._put(name, data))

    async def get(self, name: str) -> bytes | None:
        return await self._asked(lambda: self._get(name))

    async def remove(self, names: Sequence[str]) -> None:
        await self._asked(lambda: self._remove(names))

    async def remove_below(self, name: str) -> None:
        await self._asked(lambda: self._remove_below(name))

    async def probe(self) -> str | None:
        """What is wrong with it; None when nothing is."""
        try:
            await self._asked(self._look)
        except FilesAway as error:
            return str(error)
        return None

    def close(self) -> None:
        """Take nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _asked(self, question: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        try:
            with self._breaker.guard():
                return await loop.run_in_executor(self._threads, question)
        except PartAway:
            raise FilesAway("the store of files is left alone for a moment") from None
        except (BaseError, OSError, ValueError) as error:
            # Not its text, which names addresses and paths.
            kind = type(error).__name__
            raise FilesAway(f"the store of files did not do as asked ({kind})") from error

    def _put(self, name: str, data: bytes) -> None:
        self._store.put(name, data, use_multipart=False)
        if self._directory is not None:
            _sync(self._directory, name)

    def _get(self, name: str) -> bytes | None:
        try:
            return bytes(self._store.get(name).bytes())
        except FileNotFoundError:
            return None

    def _remove(self, names: Sequence[str]) -> None:
        if self._directory is None:
            self._store.delete(names)
            return
        for name in names:  # here one that is gone already is an error, and ends the others' going
            with suppress(FileNotFoundError):
                self._store.delete(name)

    def _remove_below(self, name: str) -> None:
        for page in self._store.list(name):
            self._remove([each["path"] for each in page])

    def _look(self) -> None:
        # A list, and not a single one: that of a bucket which is not there is an error.
        for _ in self._store.list(LOOK):
            return


def _sync(directory: Path, name: str) -> None:
    """Have the disk keep a file, and every folder that it was perhaps the first in."""
    path = directory / name
    for each in (path, *path.parents):
        descriptor = os.open(each, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if each == directory:
            return


def open_blobs(
    settings: FileSettings, directory: Path, breaker: Breaker = NO_BREAKER
) -> ObjectBlobs:
    """The store that the settings name; nothing is connected to. Raises ValueError."""
    if settings.url is None:
        return ObjectBlobs(partial(_local, directory), directory, settings, breaker)
    remote = _s3(settings, settings.url)
    return ObjectBlobs(lambda: remote, None, settings, breaker)


def _local(directory: Path) -> LocalStore:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return LocalStore(directory, automatic_cleanup=True)


def _s3(settings: FileSettings, url: str) -> S3Store:
    parts = urlsplit(url)
    answer = timedelta(seconds=settings.answer_s)
    if settings.access_key is None or settings.secret_key is None:
        raise ValueError("a key for the S3-compatible store is missing")
    endpoint = settings.endpoint or f"https://s3.{settings.region}.amazonaws.com"
    return S3Store(
        parts.netloc,
        prefix=parts.path.strip("/") or None,
        endpoint=endpoint,
        region=settings.region,
        access_key_id=settings.access_key,
        secret_access_key=settings.secret_key,
        virtual_hosted_style_request=False,
        client_options={
            "allow_http": endpoint.startswith("http://"),
            "timeout": answer,
            "connect_timeout": answer,
        },
        retry_config={"max_retries": RETRIES, "retry_timeout": answer},
    )
