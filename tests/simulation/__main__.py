"""``python -m tests.simulation``: plays seeds, and says what was wrong and how to see it again.

``--seed 1234`` plays one, ``--trace`` shows all that happened in it; ``--seeds 500`` plays many.
The status is 1 where anything was wrong.
"""

from __future__ import annotations

import argparse
import sys

from tests.simulation import many
from tests.simulation.scenario import play, sweep_little
from tests.simulation.trace import lines


def main() -> int:
    """What is asked for on the command line; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, help="play this one")
    parser.add_argument("--trace", action="store_true", help="show all that happened in it")
    parser.add_argument("--seeds", type=int, default=500, help="play so many")
    parser.add_argument("--from", dest="first", type=int, default=0, help="from this one on")
    parser.add_argument("--jobs", type=int, default=1, help="in so many processes")
    given = parser.parse_args()
    if min(given.seeds, given.jobs) < 1:
        parser.error("without a seed or a process nothing is played, and so nothing is shown")
    sweep_little()
    if given.seed is not None:
        return _one(given.seed, trace=given.trace)
    try:
        return many.play_all(range(given.first, given.first + given.seeds), given.jobs)
    except KeyboardInterrupt:
        return 130


def _one(seed: int, *, trace: bool) -> int:
    played = play(seed)
    if trace:
        sys.stdout.writelines(f"{line}\n" for line in lines(played.history))
    print(many.summary([played]))  # noqa: T201  # it talks to a person
    print(f"digest {played.history.digest()}")  # noqa: T201  # as above
    if played.wrong is not None:
        print(many.failure(played))  # noqa: T201  # as above
    return 0 if played.wrong is None else 1


if __name__ == "__main__":
    sys.exit(main())
