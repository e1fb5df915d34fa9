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
        if len(terms) > MAX_TERMS:
            raise Refused("bad_request", "Too many words, or too long a text, are searched for.")
        return cls(clauses, terms)

    def found_in(self, text: str) -> list[Stretch] | None:
        """Where a text has the clauses, in order and apart; None where it has not all of them."""
        there = units(text)
        stretches: list[Stretch] = []
        for clause in self.clauses:
            found = _occurrences(clause, there)
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


def _occurrences(clause: Sequence[Unit], there: Sequence[Unit]) -> list[Stretch]:
    """Where the units of a clause follow one another, joined where the clause's are."""
    return [
        (there[n].start, there[n + len(clause) - 1].end)
        for n in range(len(there) - len(clause) + 1)
        if all(_is(asked, there[n + k], k) for k, asked in enumerate(clause))
    ]


def _is(asked: Unit, there: Unit, number: int) -> bool:
    return asked.text == there.text and (there.joined or not asked.joined or not number)


def _apart(stretches: Sequence[Stretch]) -> list[Stretch]:
    """The same places in order, those that touch each other's characters made one."""
    apart: list[Stretch] = []
    for start, end in sorted(stretches):
        if apart and start < apart[-1][1]:
            apart[-1] = (apart[-1][0], max(end, apart[-1][1]))
        else:
            apart.append((start, end))
    return apart
