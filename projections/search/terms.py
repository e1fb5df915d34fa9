"""What of a text is found: words, and of scripts without spaces single characters and pairs.

The same for texts and for queries, so that what is asked for is what was written down. Pure; it
knows neither keys nor tables. Texts are compared after Unicode's NFKC and casefold: full width and
half width, capitals and small letters are the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from unicodedata import normalize

from msgspec import Struct

MAX_WORD = 64
"""Characters of a word that count; what comes after is as if it were not there. Above any word of
a language, and an end to what somebody pastes."""

MAX_TERMS = 2_048
"""Different terms of a text that count, the first ones: three pages of English, one of Chinese.
What is longer is found by its beginning."""

_UNSPACED = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff"  # Burmese, Khmer
    "\u1100-\u11ff\ua960-\ua97f\uac00-\ud7ff"  # Hangul
    "\u3005-\u3007\u3041-\u309a\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"  # Kana
    "\u3105-\u312f\u31a0-\u31bf"  # Bopomofo
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
)
"""Scripts that are written without spaces between words, as a class of characters."""

_ASCII = re.compile(r"[^\W_]+", re.ASCII)

_JAMO = range(0x1160, 0x1200)
"""Vowels and ends of Hangul syllables, which join what is before them."""

_FIRST_MARK, _BEYOND_MARKS = 0x300, 0x20000
"""Between these all marks on letters are; beyond there are only variants of Han characters."""


class Unit(Struct, frozen=True):
    """A word, or one character of a script without spaces, and where it stands in the text.

    ``start`` and ``end`` count code points of the text as it was written. ``joined``: it follows
    right on the unit before, both of one run without spaces.
    """

    text: str
    start: int
    end: int
    joined: bool = False


def terms(text: str) -> list[str]:
    """Under what a text is found, each once."""
    if text.isascii():  # a third of the time, and the same
        words = [word[:MAX_WORD] for word in _ASCII.findall(text.lower())]
        return list(dict.fromkeys(words))[:MAX_TERMS]
    found: dict[str, None] = {}
    for run, word in _pattern().findall(normalised(text)):
        if word:
            found[word[:MAX_WORD]] = None
        else:
            found |= dict.fromkeys(run)
            found |= dict.fromkeys(map("".join, pairwise(run)))
    return list(found)[:MAX_TERMS]


def units(text: str) -> list[Unit]:
    """What a text is made of, in its order. What stands between units is never looked for."""
    plain, places = _placed(text)
    found: list[Unit] = []
    for match in _pattern().finditer(plain):
        start, end = match.span()
        if match["word"]:
            found.append(Unit(match["word"][:MAX_WORD], places[start][0], places[end - 1][1]))
        else:
            found += (Unit(plain[n], *places[n], joined=n > start) for n in range(start, end))
    return found


def normalised(text: str) -> str:
    """A text as it is compared."""
    if text.isascii():
        return text.lower()
    return normalize("NFKC", normalize("NFKC", text).casefold())


def _placed(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The text as it is compared, and for each of its characters where it comes from."""
    if text.isascii():
        return text.lower(), [(n, n + 1) for n in range(len(text))]
    parts = [(normalised(text[start:end]), start, end) for start, end in _clusters(text)]
    plain = normalised(text)
    if "".join(part for part, _, _ in parts) == plain:
        return plain, [(start, end) for part, start, end in parts for _ in part]
    return plain, [(0, len(text))] * len(plain)  # parts that act on each other: all of it, then


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Where characters begin and end together with what only adds to them."""
    start = 0
    for n in range(1, len(text)):
        if not _adds(text[n]):
            yield start, n
            start = n
    if text:
        yield start, len(text)


def _adds(character: str) -> bool:
    """Whether it changes what is before it: an accent, a mark, the rest of a syllable."""
    if character.isascii():
        return False
    first = normalize("NFKD", character)[0]
    return unicodedata.category(first)[0] == "M" or ord(first) in _JAMO


@cache
def _pattern() -> re.Pattern[str]:
    """A run of a script without spaces, or a word with the marks on its letters."""
    letter = rf"[^\W_{_UNSPACED}]"
    return re.compile(rf"(?P<run>[{_UNSPACED}]+)|(?P<word>{letter}+(?:[{_marks()}]+{letter}*)*)")


def _marks() -> str:
    """All characters that only stand on others, as a class; Python's expressions have no name."""
    every = map(chr, range(_FIRST_MARK, _BEYOND_MARKS))
    return "".join(c for c in every if unicodedata.category(c)[0] == "M")
