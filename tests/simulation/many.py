"""Many scenarios, one after the other or in several processes, and what came out of them."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor

from msgspec import Struct

from tests.simulation.faults import KINDS
from tests.simulation.judgement import never_seen
from tests.simulation.scenario import Played, play, sweep_little

ENOUGH_SEEDS = 200
"""So many seeds must have had every kind of fault among them."""

PROGRESS_S = 5.0
"""Seconds between two words on how far it is."""


class Totals(Struct):
    """What came out of many."""

    seeds: int = 0
    commands: int = 0
    events: int = 0
    frames: int = 0
    faults: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    looked: Counter[str] = Counter()

    def add(self, other: Totals) -> None:
        """Count this in."""
        self.seeds += other.seeds
        self.commands += other.commands
        self.events += other.events
        self.frames += other.frames
        self.faults = self.faults + other.faults
        self.counts = self.counts + other.counts
        self.looked = self.looked + other.looked


class Outcome(Struct):
    """What one process says of one seed."""

    seed: int
    totals: Totals
    failure: str | None


def totals_of(played: Played) -> Totals:
    """What one scenario adds."""
    history = played.history
    events = sum(map(len, history.now.logs.values())) if history.incarnations else 0
    frames = sum(len(each.ranges) for each in history.subscriptions)
    sent = len(history.sent)
    return Totals(1, sent, events, frames, history.faults, history.counts, played.looked)


def command(seed: int) -> str:
    """What replays a seed."""
    return f".venv/bin/python -m tests.simulation --seed {seed} --trace"


def failure(played: Played) -> str:
    """What was wrong, and how to see it again: the command is the last line."""
    return f"seed {played.seed}: {played.wrong}\nreplay: {command(played.seed)}"


def outcome(seed: int) -> Outcome:
    """Play one; what is told of it is small enough to be handed to another process."""
    played = play(seed)
    wrong = None if played.wrong is None else failure(played)
    return Outcome(seed, totals_of(played), wrong)


def summary(played: Sequence[Played]) -> str:
    """Commands, events, frames, faults by kind."""
    totals = Totals()
    for each in played:
        totals.add(totals_of(each))
    return described(totals)


def described(totals: Totals) -> str:
    """The figures, for people."""
    seeds = max(1, totals.seeds)
    faults = sum(totals.faults.values())
    head = (
        f"{totals.seeds} seeds: {totals.commands} commands, {totals.events} events,"
        f" {totals.frames} events frames, {faults} faults ({faults / seeds:.1f} a seed)"
    )
    kinds = [f"  {count:6} {kind}" for kind, count in totals.faults.most_common()]
    looked = [f"  {count:8} looked at: {what}" for what, count in sorted(totals.looked.items())]
    counts = [f"  {count:8} {what}" for what, count in sorted(totals.counts.items())]
    return "\n".join((head, *kinds, *counts, *looked))


def play_all(seeds: range, jobs: int) -> int:
    """Play these and tell of each that failed; the exit status."""
    totals, failed, begun = Totals(), [], time.monotonic()
    told = begun
    for each in _outcomes(seeds, jobs):
        totals.add(each.totals)
        if each.failure is not None:
            failed.append(each.seed)
            _tell(each.failure)
        now = time.monotonic()
        if now - told > PROGRESS_S:
            told = now
            far = f"{totals.seeds} of {len(seeds)}, {_rate(totals, begun)} seeds a minute"
            print(far, file=sys.stderr, flush=True)  # noqa: T201  # it talks to a person
    _tell(described(totals))
    _tell(f"{_rate(totals, begun)} seeds a minute, {len(failed)} failed: {failed[:20]}")
    unmet = never_seen(frozenset(KINDS), totals.faults, totals.looked)
    if len(seeds) >= ENOUGH_SEEDS and unmet and not failed:
        _tell("\n".join(unmet))
        return 1
    return 1 if failed else 0


def _outcomes(seeds: Iterable[int], jobs: int) -> Iterator[Outcome]:
    if jobs == 1:
        yield from map(outcome, seeds)
        return
    with ProcessPoolExecutor(jobs, initializer=sweep_little) as processes:
        try:
            yield from processes.map(outcome, seeds, chunksize=4)
        finally:
            processes.shutdown(wait=False, cancel_futures=True)


def _rate(totals: Totals, begun: float) -> int:
    return round(totals.seeds / max(0.001, time.monotonic() - begun) * 60)


def _tell(text: str) -> None:
    print(text, flush=True)  # noqa: T201  # it talks to a person
