"""What the self-check says of an S3-compatible store."""

from __future__ import annotations

from dataclasses import replace

from domain.file.settings import FileSettings
from ops.doctor.file_store import examine_files
from ops.doctor.findings import Finding, State
from ops.settings import Settings
from tests.fixtures.object_store import ObjectStore


async def findings(settings: Settings) -> list[Finding]:
    """What is found under these settings."""
    return [each async for each in examine_files(settings)]


async def test_the_self_check_asks_the_store(object_store: ObjectStore) -> None:
    """One that answers, one without the bucket; of a directory of our own there is nothing."""
    well = Settings(files=FileSettings(**object_store.settings()))
    assert [each.state for each in await findings(well)] == [State.OK]
    wrong = replace(well, files=replace(well.files, url="s3://another-bucket"))
    (finding,) = await findings(wrong)
    assert (finding.part, finding.state) == ("files", State.FAIL)
    assert await findings(Settings()) == []
