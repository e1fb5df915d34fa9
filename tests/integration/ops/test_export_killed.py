"""An export as a process that is killed, again and again, and in the end is as if it never was."""

from __future__ import annotations

import asyncio
import gzip
import subprocess
import sys
import time
from pathlib import Path
from random import Random

from ops.exports.run import Export, Wish
from ops.system import SystemClock
from tests.fixtures.server import CHECKOUT
from tests.integration.ops.slow_export import COUNT
from tests.unit.exports.made import LOG, MadeSource

KILLS = 4


def start(target: Path) -> subprocess.Popen[bytes]:
    """Begin, or go on."""
    command = [sys.executable, "-m", "tests.integration.ops.slow_export", str(target)]
    return subprocess.Popen(command, cwd=CHECKOUT)


def state_of(target: Path) -> bytes:
    """What the export says of itself."""
    path = target.with_name(target.name + ".part.json")
    return path.read_bytes() if path.exists() else b""


def test_killed_at_any_moment_it_goes_on(tmp_path: Path) -> None:
    """Killed as soon as it has got on a little, at a chance moment: the files come out the same."""
    random = Random(9)
    target = tmp_path / "killed.csv.gz"
    for _ in range(KILLS):
        was = state_of(target)
        process = start(target)
        while state_of(target) == was and process.poll() is None:
            time.sleep(0.002)
        time.sleep(random.uniform(0, 0.03))
        process.kill()
        process.wait()
        assert not list(tmp_path.glob("killed-*.csv.gz"))
    (tmp_path / f".{target.name}.part.json.1").write_bytes(b"{")  # one was writing its state
    assert start(target).wait(30) == 0
    whole = Export(MadeSource(COUNT), SystemClock(), Wish(LOG, "csv", tmp_path / "whole.csv"))

    async def run() -> list[Path]:
        return (await whole.run(await whole.prepare())).files

    expected = [path.read_bytes() for path in asyncio.run(run())]
    found = [tmp_path / f"killed-{table}.csv.gz" for table in ("conversations", "messages")]
    assert [gzip.decompress(path.read_bytes()) for path in found] == expected
    assert len(list(tmp_path.iterdir())) == 4
