"""Tries mutations, several at a time, each worker in a copy of its own.

All tests are run once without a mutation first: only where they pass then does it say anything
that they fail with it. How long they took says from when on they hang.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

from msgspec.structs import replace

from tests.mutations import trial
from tests.mutations.checkout import Copy, State
from tests.mutations.mutation import DoesNotApply, Mutation
from tests.mutations.results import Result, Results, fingerprint
from tests.mutations.trial import LONGEST_S, Trial, Verdict

LEAST_S = 20.0
"""Seconds that a test may always take."""

SEEDS = 60
"""Of the simulation: within so many it finds what it is meant to find."""

TIMES = 6.0
"""How often it may take the time of the whole selection without the mutation; then it hangs."""

Tell = Callable[[Mutation, Result], None]


_SEEDS = "the simulation"


class Baselines:
    """How the tests fare without any mutation: of each file those that any of the list names, once.

    So whatever they all need, a PostgreSQL say, is started once for them.
    """

    def __init__(self, mutations: Sequence[Mutation]) -> None:
        self._named: dict[str, set[str]] = {}
        for mutation in mutations:
            for test in mutation.tests:
                self._named.setdefault(_file(test), set()).add(test)
        self._locks = {file: threading.Lock() for file in (*self._named, _SEEDS)}
        self._found: dict[str, Trial] = {}

    def of(self, copy: Copy, mutation: Mutation) -> Trial:
        """The worst of what its files' runs without it say, and how long they took together."""
        found = [self._of_file(copy, file) for file in mutation.files]
        seconds = sum(each.seconds for each in found)
        worst = next((each for each in found if each.verdict is not Verdict.SURVIVED), found[0])
        return replace(worst, seconds=seconds)

    def of_seeds(self, copy: Copy) -> Trial:
        """What the simulation says without any."""
        with self._locks[_SEEDS]:
            if _SEEDS not in self._found:
                self._found[_SEEDS] = trial.play(copy.root, SEEDS)
            return self._found[_SEEDS]

    def _of_file(self, copy: Copy, file: str) -> Trial:
        with self._locks[file]:
            if file not in self._found:
                named = self._named[file]
                tests = [file] if file in named else sorted(named)
                self._found[file] = trial.run(copy.root, tests, LONGEST_S)
            return self._found[file]


def _file(test: str) -> str:
    return test.partition("::")[0]


def run(mutations: Sequence[Mutation], jobs: int, results: Results, tell: Tell) -> list[Result]:
    """Try these; ``tell`` is told of each when it is done. The results in the order of the list."""
    state, found = State(), dict[str, Result]()
    due = []
    for mutation in mutations:
        known = results.find(_of(mutation, state))
        if known is None:
            due.append(mutation)
        else:
            found[mutation.name] = known
    if due:
        with _copies(jobs) as copies, _workers(jobs) as pool:
            baselines = Baselines(due)
            futures = {pool.submit(_try, each, state, copies, baselines): each for each in due}
            for future in as_completed(futures):
                result = found[futures[future].name] = future.result()
                results.add(result)
                tell(futures[future], result)
    return [found[mutation.name] for mutation in mutations]


@contextmanager
def _copies(count: int) -> Iterator[SimpleQueue[Copy]]:
    with tempfile.TemporaryDirectory(prefix="parley-mutations-") as folder:
        Path(folder).chmod(0o755)  # a test's PostgreSQL runs as another user
        copies: SimpleQueue[Copy] = SimpleQueue()
        for number in range(count):
            copies.put(Copy(Path(folder, str(number))))
        yield copies


@contextmanager
def _workers(count: int) -> Iterator[ThreadPoolExecutor]:
    """A pool that an interrupt lets end what is under way only."""
    pool = ThreadPoolExecutor(count)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _of(mutation: Mutation, state: State) -> str:
    return fingerprint(mutation, state.of(mutation.files))


def _try(
    mutation: Mutation, state: State, copies: SimpleQueue[Copy], baselines: Baselines
) -> Result:
    copy = copies.get()
    try:
        found = _tried(mutation, copy, baselines)
        applies = found.verdict is not Verdict.BROKEN
        played = _played(mutation, copy, baselines) if mutation.played and applies else None
    finally:
        copies.put(copy)
    of = _of(mutation, state)
    return Result(mutation.name, of, found, played, expects_hang=mutation.hangs)


def _tried(mutation: Mutation, copy: Copy, baselines: Baselines) -> Trial:
    without = baselines.of(copy, mutation)
    if without.verdict is not Verdict.SURVIVED:
        return _no_use(without)
    try:
        with copy.mutated(mutation):
            return trial.run(copy.root, mutation.tests, max(LEAST_S, TIMES * without.seconds))
    except DoesNotApply as error:
        return Trial(Verdict.BROKEN, 0.0, reason=str(error))


def _played(mutation: Mutation, copy: Copy, baselines: Baselines) -> Trial:
    without = baselines.of_seeds(copy)
    if without.verdict is not Verdict.SURVIVED:
        return _no_use(without)
    with copy.mutated(mutation):
        return trial.play(copy.root, SEEDS)


def _no_use(without: Trial) -> Trial:
    """What fails without a mutation says nothing of one."""
    reason = f"without it: {without.verdict.value}, {without.by} {without.reason}"
    return Trial(Verdict.BROKEN, without.seconds, reason=reason)
