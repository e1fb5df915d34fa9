"""The self-check of the store of files, where it is not a directory of our own."""

from __future__ import annotations

from collections.abc import AsyncIterator

from ops.doctor.findings import Finding, State
from ops.settings import Settings


async def examine_files(settings: Settings) -> AsyncIterator[Finding]:
    """What is found of an S3-compatible store; nothing where there is to be none."""
    if settings.files.url is None:
        return
    # Here, since the library takes memory, which a look at a small site need not spend.
    from adapters.files.blobs import open_blobs  # noqa: PLC0415  # as said

    blobs = open_blobs(settings.files, settings.data)
    try:
        wrong = await blobs.probe()
    finally:
        blobs.close()
    state = State.OK if wrong is None else State.FAIL
    yield Finding("files", state, f"{settings.files.url} {wrong or 'answers'}")
