"""What a mutation is: one promise of the product broken in one place, and who is to notice it.

Nothing here runs anything.
"""

from __future__ import annotations

from msgspec import Struct

WEB = "web/"
"""Tests in here are Vitest's, all others pytest's."""


class DoesNotApply(Exception):
    """The code has moved: a mutation's place is not there, or not once."""


class Mutation(Struct, frozen=True, kw_only=True):
    """A change of one file, and the tests that fail by it, those that take least time first.

    ``before`` stands in the file exactly once; ``after`` comes in its place; ``also`` has more such
    pairs, where code moves from one place to another. ``breaks`` says in a sentence which promise
    is no longer kept. A test is a file, or a function of it by pytest's
    ``file::name``. ``hangs``: what fails is that something never ends. ``played``: the simulation
    alone finds it too. ``quick``: it is one of the few that every run of the checks tries.
    """

    name: str
    file: str
    before: str
    after: str
    breaks: str
    tests: tuple[str, ...]
    also: tuple[tuple[str, str], ...] = ()
    hangs: bool = False
    played: bool = False
    quick: bool = False

    @property
    def files(self) -> list[str]:
        """The files of its tests."""
        return list(dict.fromkeys(test.partition("::")[0] for test in self.tests))

    def applied_to(self, text: str) -> str:
        """The file's text with the change. Raises :class:`DoesNotApply`."""
        for before, after in ((self.before, self.after), *self.also):
            found = text.count(before)
            if found != 1:
                line = before.strip().partition("\n")[0]
                raise DoesNotApply(f"{self.name}: {self.file} has this {found} times: {line}")
            text = text.replace(before, after)
        return text
