"""An export that takes its time, to be killed: ``python -m tests.integration.ops.slow_export F``.

It goes on with what is there.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from ops.exports import run as running
from ops.exports.run import Export, Wish
from ops.system import SystemClock
from tests.unit.exports.made import LOG, MadeSource

COUNT = 120
PIECE_S = 0.004


async def main(target: Path) -> None:
    """Run it to its end, if it gets there."""

    async def pause() -> None:
        await asyncio.sleep(PIECE_S)

    wish = Wish(LOG, "csv", target, resume=True)
    job = Export(MadeSource(COUNT, pause), SystemClock(), wish)
    await job.run(await job.prepare())


if __name__ == "__main__":
    running.CHECKPOINT_S = 0.02
    asyncio.run(main(Path(sys.argv[1])))
