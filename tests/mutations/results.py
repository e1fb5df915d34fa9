"""What was found so far, in a file to which every result is added: an interrupted run goes on."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import msgspec
from msgspec import Struct

from tests.mutations.mutation import Mutation
from tests.mutations.trial import Trial, Verdict


class Result(Struct, frozen=True):
    """What became of a mutation. ``of`` names it together with the code that it was tried on.

    ``played`` is what the simulation said of it, where it is meant to find it too.
    """

    name: str
    of: str
    trial: Trial
    played: Trial | None = None
    expects_hang: bool = False

    @property
    def is_good(self) -> bool:
        """Whether the mutation was caught, in the way that it says."""
        if self.played is not None and self.played.verdict is not Verdict.CAUGHT:
            return False
        verdict = self.trial.verdict
        return verdict is Verdict.CAUGHT or (verdict is Verdict.HUNG and self.expects_hang)

    @property
    def said(self) -> str:
        """Why it is as it is, in the words of the test, or of what kept one from failing."""
        if self.played is None or self.played.verdict is Verdict.CAUGHT:
            return self.trial.reason
        return f"the simulation: {self.played.verdict.value} {self.played.reason}"


def fingerprint(mutation: Mutation, state: str) -> str:
    """What is another one whenever the mutation, its tests or any of the code is."""
    return sha256(msgspec.json.encode(mutation) + state.encode()).hexdigest()[:16]


class Results:
    """The file of results. Without a path nothing is kept."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._known: dict[str, Result] = {}
        if path is not None and path.exists():
            for line in path.read_bytes().splitlines():
                result = msgspec.json.decode(line, type=Result)
                self._known[result.of] = result

    def find(self, of: str) -> Result | None:
        """What was found before, if it was good: whatever was not is tried again."""
        found = self._known.get(of)
        return found if found is not None and found.is_good else None

    def add(self, result: Result) -> None:
        """Keep a result."""
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab") as file:
                file.write(msgspec.json.encode(result) + b"\n")
