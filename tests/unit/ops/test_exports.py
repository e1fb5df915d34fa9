"""An export into files: whole under its name or not there, and gone on with wherever it was cut."""

from __future__ import annotations

import asyncio
import gzip
import json
import resource
from pathlib import Path
from typing import Any

import pytest

from domain.errors import StoreUnavailable
from ops.errors import CannotRun
from ops.exports import run as running
from ops.exports.files import ExportFile
from ops.exports.run import Done, Export, Wish
from projections.exports.pieces import Wanted
from tests.doubles.clock import ManualClock
from tests.doubles.memory_store import at_once
from tests.unit.exports.made import LOG, MadeSource
from tests.unit.exports.records import csv_rows, json_lines, sqlite_rows

COUNT = 30


class Killed(BaseException):
    """The process ends here."""


class Killing:
    """Ends an export at the n-th piece that it waits for."""

    def __init__(self, at: int, error: BaseException) -> None:
        self.left = at
        self.error = error

    async def __call__(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise self.error


def export(target: Path, form: str = "jsonl", source: Any = None, **more: Any) -> Done:
    """Run one export to its end."""
    job = Export(source or MadeSource(COUNT), ManualClock(), Wish(LOG, form, target, **more))

    async def work() -> Done:
        return await job.run(await job.prepare())

    return asyncio.run(work())


def left_in(folder: Path) -> set[str]:
    """The names in a folder."""
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_each_form_is_written_and_nothing_else(tmp_path: Path, suffix: str) -> None:
    """Under the names that were asked for, for our eyes only, with what its command tells of it."""
    done = export(tmp_path / f"a.jsonl{suffix}")
    export(tmp_path / f"a.csv{suffix}", "csv")
    export(tmp_path / f"a.sql{suffix}", "sql")
    names = ("a.jsonl", "a-conversations.csv", "a-messages.csv", "a.sql")
    assert left_in(tmp_path) == {name + suffix for name in names}
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in tmp_path.iterdir())
    opened = gzip.decompress if suffix else bytes
    raws = [opened((tmp_path / (name + suffix)).read_bytes()) for name in names]
    lines, tables = json_lines(raws[0]), sqlite_rows(raws[3])
    assert len(lines) == len(csv_rows(raws[1])) == len(tables["conversations"]) == COUNT
    messages = sum(len(line["messages"]) for line in lines)
    assert len(csv_rows(raws[2])) == len(tables["messages"]) == messages
    totals = done.totals
    assert (totals.conversations, totals.messages, totals.erased) == (COUNT, messages, COUNT // 5)


@pytest.mark.parametrize("form", ["jsonl", "csv", "sql"])
@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("often", [True, False])
def test_cut_off_anywhere_it_goes_on(
    tmp_path: Path, form: str, suffix: str, often: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed at a piece, half a record behind the checkpoint: in the end the very same bytes."""
    whole = export(tmp_path / f"whole.{form}{suffix}", form)
    if often:
        monkeypatch.setattr(running, "CHECKPOINT_S", 0.0)
    for at in range(0, 38, 5):
        target = tmp_path / f"cut-{at}.{form}{suffix}"
        with pytest.raises(Killed):
            export(target, form, MadeSource(COUNT, Killing(at, Killed())))
        for part in tmp_path.glob(f"cut-{at}*.part"):
            with part.open("ab") as file:
                file.write(b'{"half": "a rec' * 1_000)  # more than is still to come
        done = export(target, form, resume=True)
        assert done.totals == whole.totals
        for mine, theirs in zip(done.files, whole.files, strict=True):
            assert contents(mine) == contents(theirs)
    assert not [name for name in left_in(tmp_path) if ".part" in name]


def contents(path: Path) -> bytes:
    """What a file says, compressed or not."""
    raw = path.read_bytes()
    return gzip.decompress(raw) if path.name.endswith(".gz") else raw


def test_an_export_keeps_its_position(tmp_path: Path) -> None:
    """The log has grown when it is gone on with: it stays as of where it was begun."""
    with pytest.raises(Killed):
        export(tmp_path / "a", source=MadeSource(COUNT, Killing(9, Killed())))
    later = MadeSource(COUNT)
    later.position = 9999
    done = export(tmp_path / "a", source=later, resume=True)
    assert done.stand.position == 4711
    assert {line["as_of"] for line in json_lines((tmp_path / "a").read_bytes())} == {4711}


def test_killed_between_two_names_it_only_gives_the_second(tmp_path: Path) -> None:
    """All is written and one of two files has its name: going on renames the other."""
    whole = export(tmp_path / "a.csv", "csv")
    expected = [path.read_bytes() for path in whole.files]
    for path in whole.files:
        path.unlink()
    job = Export(MadeSource(COUNT), ManualClock(), Wish(LOG, "csv", tmp_path / "a.csv"))
    names = iter([None, Killed()])

    def killed(file: Any) -> None:
        if (error := next(names)) is not None:
            raise error
        finish(file)

    finish = ExportFile.finish
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ExportFile, "finish", killed)
        with pytest.raises(Killed):
            asyncio.run(_run(job))
    assert left_in(tmp_path) == {"a-conversations.csv", "a-messages.csv.part", "a.csv.part.json"}
    done = export(tmp_path / "a.csv", "csv", resume=True)
    assert [path.read_bytes() for path in done.files] == expected
    assert left_in(tmp_path) == {"a-conversations.csv", "a-messages.csv"}


async def _run(job: Export) -> Done:
    return await job.run(await job.prepare())


# --- what stands in the way -------------------------------------------------------------------


def test_what_is_there_is_not_touched_unless_asked(tmp_path: Path) -> None:
    """A file of that name is refused before anything is written, and replaced only when whole.

    What was begun to replace it is gone on with without being asked for that again.
    """
    target = tmp_path / "a.jsonl"
    target.write_text("mine")
    with pytest.raises(CannotRun, match="is there already"):
        export(target)
    assert left_in(tmp_path) == {"a.jsonl"}
    with pytest.raises(Killed):
        export(target, source=MadeSource(COUNT, Killing(5, Killed())), overwrite=True)
    assert target.read_text() == "mine"
    with pytest.raises(CannotRun, match="An unfinished export"):
        export(target)
    export(target, resume=True)
    assert len(json_lines(target.read_bytes())) == COUNT
    target.write_text("mine")
    export(target, overwrite=True)
    assert len(json_lines(target.read_bytes())) == COUNT


def cut_off(target: Path) -> None:
    """Leave an unfinished export."""
    with pytest.raises(Killed):
        export(target, source=MadeSource(COUNT, Killing(9, Killed())))


def test_only_the_same_export_is_gone_on_with(tmp_path: Path) -> None:
    """Another choice or form, another history, a file that lost something, a state of nobody's."""
    target = tmp_path / "a.jsonl"
    cut_off(target)
    with pytest.raises(CannotRun, match="give the same options"):
        export(target, resume=True, wanted=Wanted(status="open"))
    other = MadeSource(COUNT)
    other.history = "ff" * 8
    with pytest.raises(CannotRun, match="another history"):
        export(target, source=other, resume=True)
    part = tmp_path / "a.jsonl.part"
    kept = part.read_bytes()
    part.write_bytes(kept[:-1])
    state = json.loads((tmp_path / "a.jsonl.part.json").read_text())
    state["sizes"] = [len(kept)]
    (tmp_path / "a.jsonl.part.json").write_text(json.dumps(state))
    with pytest.raises(CannotRun, match="is not what the unfinished export left"):
        export(target, resume=True)
    (tmp_path / "a.jsonl.part.json").write_text('{"schema": 99}')
    with pytest.raises(CannotRun, match="no state of an export"):
        export(target, resume=True)
    export(target, overwrite=True)
    assert left_in(tmp_path) == {"a.jsonl"}


def test_resume_without_anything_to_go_on_with_begins(tmp_path: Path) -> None:
    """So that it can be given always; a finished export is not written again."""
    target = tmp_path / "a.jsonl"
    export(target, resume=True)
    with pytest.raises(CannotRun, match="is there already"):
        export(target, resume=True)


def test_two_exports_do_not_write_one_file(tmp_path: Path) -> None:
    """The second one is told, and the first is none the worse."""
    target = tmp_path / "a.jsonl"

    async def pause() -> None:
        pause_of.pop().set() if pause_of else None
        await going_on.wait()

    async def work() -> None:
        first = asyncio.ensure_future(_run(made(Wish(LOG, "jsonl", target), pause)))
        await begun.wait()
        with pytest.raises(CannotRun, match="Another export is writing"):
            await _run(made(Wish(LOG, "jsonl", target, resume=True), at_once))
        going_on.set()
        await first

    going_on, begun = asyncio.Event(), asyncio.Event()
    pause_of = [begun]
    asyncio.run(work())
    assert len(json_lines(target.read_bytes())) == COUNT


def made(wish: Wish, pause: Any) -> Export:
    """An export of made conversations."""
    return Export(MadeSource(COUNT, pause), ManualClock(), wish)


def test_a_store_that_goes_away_costs_nothing(tmp_path: Path) -> None:
    """The error is told as it is, and what was made sure is gone on with."""
    target = tmp_path / "a.jsonl"
    with pytest.raises(StoreUnavailable):
        export(target, source=MadeSource(COUNT, Killing(12, StoreUnavailable("away"))))
    assert export(target, resume=True).totals.conversations == COUNT


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """A folder that is not there, in one sentence."""
    with pytest.raises(CannotRun, match="cannot be written: No such file"):
        export(tmp_path / "nowhere" / "a.jsonl")


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_a_full_disk_is_said_and_costs_nothing(tmp_path: Path, suffix: str) -> None:
    """In one sentence too where bytes still wait to be written; with room again it goes on."""
    target, before = tmp_path / f"a.jsonl{suffix}", resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, before[1]))
    try:
        with pytest.raises(CannotRun, match="cannot be written: File too large"):
            export(target)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert export(target, resume=True).totals.conversations == COUNT


@pytest.mark.parametrize("form", ["jsonl", "csv", "sql"])
def test_nothing_compressed_is_read_as_nothing(tmp_path: Path, form: str) -> None:
    """Who reads gzip refuses a file without a byte."""
    for path in export(tmp_path / f"a.{form}.gz", form, MadeSource(0)).files:
        assert path.read_bytes()
        assert bool(contents(path)) == (form != "jsonl")
