"""``python -m tests.mutations.playing 60``, in a copy: plays seeds until one fails; notes that."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.mutations.notes import VARIABLE, Notes, first_line, write
from tests.simulation.scenario import play, sweep_little


def main() -> int:
    """Play so many; the exit status."""
    sweep_little()
    notes = Notes()
    for seed in range(int(sys.argv[1])):
        wrong = play(seed).wrong
        if wrong is not None:
            notes.failed, notes.reason = f"seed {seed}", first_line(str(wrong))
            break
        notes.passed += 1
    write(Path(os.environ[VARIABLE]), notes)
    return 1 if notes.failed else 0


if __name__ == "__main__":
    sys.exit(main())
