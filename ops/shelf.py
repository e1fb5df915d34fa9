"""Files in a process: what takes them in and gives them out, and what removes them in the end."""

from __future__ import annotations

from adapters.files.blobs import open_blobs
from adapters.files.inspection import ContentInspector
from domain.breaker import NO_BREAKER, Breaker
from domain.handling.file_reading import FileReader
from domain.handling.file_sweep import FileSweep
from domain.handling.files import FileParts, Files
from ops.core import Core
from ops.errors import BadSetting
from ops.followers import Followers
from ops.roles import Role
from ops.settings import Settings

DIRECTORY = "files"
"""Where files lie below the data directory, unless a setting says otherwise."""


class Shelf:
    """The store of files, and what works on it."""

    def __init__(self, core: Core, settings: Settings, breaker: Breaker = NO_BREAKER) -> None:
        self._settings = settings
        self._remote = settings.files.url is not None
        database = core.database
        try:
            self._blobs = open_blobs(settings.files, settings.data / DIRECTORY, breaker)
        except ValueError as error:
            raise BadSetting("files.url", "names no store that could be asked") from error
        parts = FileParts(
            uploads=database.uploads,
            blobs=self._blobs,
            cipher=database.cipher,
            inspector=ContentInspector(settings.files),
            handler=core.handler,
            clock=core.clock,
            ids=core.ids,
        )
        self.files = Files(parts, settings.files)
        self.reader = FileReader(
            database.uploads, self._blobs, database.cipher, core.handler.states
        )
        self._sweep = FileSweep(database.doomed_files, self._blobs, core.clock, settings.files)

    def run(self, followers: Followers) -> None:
        """Start what removes files, where what follows the logs runs."""
        if Role.PROJECTOR in self._settings.roles:
            followers.start("files", self._sweep.run())

    async def probe(self) -> str | None:
        """What is wrong with a store that is elsewhere; None when nothing is, or it is our own."""
        return await self._blobs.probe() if self._remote else None

    def close(self) -> None:
        """Take nothing more."""
        self._blobs.close()
