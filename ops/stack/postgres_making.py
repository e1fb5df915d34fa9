"""Make the data of a PostgreSQL server: ``python -m ops.stack.postgres_making HOME [PROGRAMS]``.

The embedded server does that, and wants the main thread of its process. So it gets a process, and
whoever brings up a stack may do it from any thread, beside a running loop too.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from pathlib import Path

from adapters.postgres.embedded import EmbeddedPostgres
from adapters.postgres.embedded_errors import DirectoryInUse, EmbeddedPostgresError
from ops.errors import CannotRun

CHECKOUT = Path(__file__).resolve().parents[2]
MAKE_S = 120.0
LOOK_S = 0.1


def make_data(home: Path, programs: Path | None) -> None:
    """Have data in `home`, and no server. Raises CannotRun with what stands in the way."""
    wishes = [str(home), *([str(programs)] if programs else [])]
    done = subprocess.run(
        [sys.executable, "-m", __name__, *wishes],
        cwd=CHECKOUT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=MAKE_S,
        check=False,
    )
    if done.returncode:
        raise CannotRun(done.stderr.strip())


async def main(home: Path, programs: Path | None = None) -> int:
    """Open a server and close it; the exit status."""
    try:
        server = await opened(home, programs)
    except EmbeddedPostgresError as error:
        sys.stderr.write(str(error))
        return 1
    await server.stop()
    return 0


async def opened(home: Path, programs: Path | None) -> EmbeddedPostgres:
    """The server, once another process like this, whose caller was killed, is done."""
    deadline_s = time.monotonic() + MAKE_S / 2
    while True:
        try:
            return await EmbeddedPostgres.open(home, postgres_bin=programs)
        except DirectoryInUse:
            if time.monotonic() > deadline_s:
                raise
            await asyncio.sleep(LOOK_S)


if __name__ == "__main__":
    sys.exit(asyncio.run(main(*map(Path, sys.argv[1:]))))
