"""What is asked for, and where a text has it.

Every clause must occur. A clause is what stands between spaces, or between quotation marks; of
several units it is a phrase, whose units follow one another in the text, whatever stands between
them. The index knows only that a text holds all the terms: whether it holds the clauses is seen
here, in the text itself. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from domain.errors import Refused
from projections.search.terms import Unit, units

MAX_TERMS = 32
"""Terms of a query: each is looked for in every window. More than anybody types; pasted texts are
found by a few of their words."""

MAX_UNITS = 400
"""Words and characters of a query, the same ones too: each is looked for in every text. Twice what
a request may ask for in characters, some of which stand for several."""

_CLAUSE = re.compile(r'["“”„]([^"“”„]*)(?:["“”„]|$)|([^\s"“”„]+)')

Stretch = tuple[int, int]


class Query(Struct, frozen=True):
    """Clauses, each of one unit or of several in a row, and the terms of a text that has them."""

    clauses: tuple[tuple[Unit, ...], ...]
    terms: frozenset[str]

    @classmethod
    def of(cls, text: str) -> Query:
        """What a text asks for. Raises Refused for one that asks for nothing, or for too much."""
        asked = [tuple(units(clause[1] or clause[2] or "")) for clause in _CLAUSE.finditer(text)]
        clauses = tuple(dict.fromkeys(map(_rooted, filter(None, asked))))
        if not clauses:
            raise Refused("bad_request", "There is no word or character in what is searched for.")
        terms = frozenset(term for clause in clauses for term in _terms(clause))
        if len(terms) > MAX_TERMS or sum(map(len, clauses)) > MAX_UNITS:
            raise Refused("bad_request", "Too many words, or too long a text, are searched for.")
        return cls(clauses, terms)

    def found_in(self, text: str) -> list[Stretch] | None:
        """Where a text has the clauses, in order and apart; None where it has not all of them."""
        there = _Places(units(text))
        stretches: list[Stretch] = []
        for clause in self.clauses:
            found = there.of(clause)
            if not found:
                return None
            stretches += found
        return _apart(stretches)


def _rooted(clause: tuple[Unit, ...]) -> tuple[Unit, ...]:
    """The clause without where it stood in the query: so that the same clause twice is one."""
    return tuple(Unit(unit.text, 0, 0, unit.joined) for unit in clause)


def _terms(clause: Sequence[Unit]) -> set[str]:
    """What the index has of every text with this clause; a pair says more than its characters."""
    found: set[str] = set()
    for n, unit in enumerate(clause):
        if unit.joined:
            found.add(clause[n - 1].text + unit.text)
        elif n + 1 == len(clause) or not clause[n + 1].joined:
            found.add(unit.text)
    return found


class _Places:
    """Where a text has which unit, as bits: the units of a phrase are found by shifting them.

    So it takes no longer where all that is said, and asked for, is one and the same character.
    """

    def __init__(self, there: Sequence[Unit]) -> None:
        self._there = there
        self._of: dict[str, int] = {}
        self._joined = 0
        for n, unit in enumerate(there):
            self._of[unit.text] = self._of.get(unit.text, 0) | 1 << n
            self._joined |= unit.joined << n

    def of(self, clause: Sequence[Unit]) -> list[Stretch]:
        """Where the units of a clause follow one another, joined where the clause's are."""
        found = self._of.get(clause[0].text, 0)
        for k, asked in enumerate(clause[1:], 1):
            if not found:
                break
            at = self._of.get(asked.text, 0)
            found &= (at & self._joined if asked.joined else at) >> k
        return [
            (self._there[n].start, self._there[n + len(clause) - 1].end)
            for n, bit in enumerate(reversed(f"{found:b}"))
            if bit == "1"
        ]


def _apart(stretches: Sequence[Stretch]) -> list[Stretch]:
    """The same places in order, those that touch each other's characters made one."""
    apart: list[Stretch] = []
    for start, end in sorted(stretches):
        if apart and start < apart[-1][1]:
            apart[-1] = (apart[-1][0], max(end, apart[-1][1]))
        else:
            apart.append((start, end))
    return apart
