"""Removes what is left of files: those that were never finished, given up, or erased.

What is to go stands in the register until it is gone, so a sweep that is cut off is taken up by the
next one, on whichever node.
"""

from __future__ import annotations

import logging

from domain.errors import FilesAway, StoreUnavailable
from domain.file import names
from domain.file.ports import Blobs, Doomed
from domain.file.settings import FileSettings
from domain.ports import Clock

_logger = logging.getLogger("parley.files")


class FileSweep:
    """Looks after what is due to be removed, for all tenants."""

    def __init__(self, doomed: Doomed, blobs: Blobs, clock: Clock, settings: FileSettings) -> None:
        self._doomed = doomed
        self._blobs = blobs
        self._clock = clock
        self._settings = settings

    async def run(self) -> None:
        """Sweep now and then, until cancelled."""
        while True:
            try:
                while await self.once() == self._settings.sweep_files:
                    pass
            except (StoreUnavailable, FilesAway) as error:
                _logger.warning("files are removed later: %s", error)
            await self._clock.sleep(self._settings.sweep_s)

    async def once(self) -> int:
        """Remove what is due, up to a number; how many files that were."""
        now = self._clock.now()
        until = now + self._settings.lease_s
        due = await self._doomed.claim(now, until, self._settings.sweep_files)
        for log, file in due:
            await self._blobs.remove_below(names.folder(log, file))
            await self._doomed.gone(log, file)
        return len(due)
