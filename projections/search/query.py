"""What is asked for, and where a text has it.

Every term must occur. A term is what stands between spaces, or between quotation marks; of several
units it is a phrase, whose units follow one another in the text, whatever stands between them. The
index knows only that a text holds all the tokens: whether it holds the terms is seen here, in the
text itself. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from domain.errors import Refused
from projections.search.tokens import Unit, units

MAX_TOKENS = 32
"""Tokens of a query: each is looked for in every window. More than anybody types; pasted texts are
found by a few of their words."""

_TERM = re.compile(r'["“”„]([^"“”„]*)(?:["“”„]|$)|([^\s"“”„]+)')

Span = tuple[int, int]


class Query(Struct, frozen=True):
    """Terms, each of one unit or of several in a row, and the tokens of a text that has them."""

    terms: tuple[tuple[Unit, ...], ...]
    tokens: frozenset[str]

    @classmethod
    def of(cls, text: str) -> Query:
        """What a text asks for. Raises Refused for one that asks for nothing, or for too much."""
        asked = [tuple(units(term[1] or term[2] or "")) for term in _TERM.finditer(text)]
        terms = tuple(dict.fromkeys(map(_rooted, filter(None, asked))))
        if not terms:
            raise Refused("bad_request", "There is no word or character in what is searched for.")
        tokens = frozenset(token for term in terms for token in _tokens(term))
        if len(tokens) > MAX_TOKENS:
            raise Refused("bad_request", "Too many words, or too long a text, are searched for.")
        return cls(terms, tokens)

    def found_in(self, text: str) -> list[Span] | None:
        """Where a text has the terms, in order and apart; None where it has not all of them."""
        there = units(text)
        spans: list[Span] = []
        for term in self.terms:
            found = _occurrences(term, there)
            if not found:
                return None
            spans += found
        return _apart(spans)


def _rooted(term: tuple[Unit, ...]) -> tuple[Unit, ...]:
    """The term without where it stood in the query: so that the same term twice is one."""
    return tuple(Unit(unit.text, 0, 0, unit.joined) for unit in term)


def _tokens(term: Sequence[Unit]) -> set[str]:
    """What the index has of every text with this term; a pair says more than its characters."""
    found: set[str] = set()
    for n, unit in enumerate(term):
        if unit.joined:
            found.add(term[n - 1].text + unit.text)
        elif n + 1 == len(term) or not term[n + 1].joined:
            found.add(unit.text)
    return found


def _occurrences(term: Sequence[Unit], there: Sequence[Unit]) -> list[Span]:
    """Where the units of a term follow one another, joined where the term's are."""
    return [
        (there[n].start, there[n + len(term) - 1].end)
        for n in range(len(there) - len(term) + 1)
        if all(_is(asked, there[n + k], k) for k, asked in enumerate(term))
    ]


def _is(asked: Unit, there: Unit, number: int) -> bool:
    return asked.text == there.text and (there.joined or not asked.joined or not number)


def _apart(spans: Sequence[Span]) -> list[Span]:
    """The same places in order, those that touch each other's characters made one."""
    apart: list[Span] = []
    for start, end in sorted(spans):
        if apart and start < apart[-1][1]:
            apart[-1] = (apart[-1][0], max(end, apart[-1][1]))
        else:
            apart.append((start, end))
    return apart
