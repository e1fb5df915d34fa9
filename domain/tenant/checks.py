"""What a field of the settings may hold. Each check raises Refused with a sentence that names it.

Only what would break something, or could not be shown, is refused: emoji and scripts that are
written from right to left are texts like any other.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from typing import NoReturn

from domain.errors import Refused
from domain.limits import MAX_LANGUAGES, MAX_WORD
from domain.tenant.goals import ANY_REST, is_pattern
from domain.tenant.values import Texts

_LANGUAGE = re.compile(r"(?=.{2,35}\Z)[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_UNSHOWN = {"Cc", "Cs", "Zl", "Zp"}
"""Categories of characters that are no text: controls, halves of characters, breaks."""

BREAKS = "\n\t"
"""The controls that a text of several lines may have."""


def refuse(field: str, what: str) -> NoReturn:
    """Refuse what stands in a field."""
    raise Refused("bad_request", f"{field} {what}.")


def line(text: str, field: str, most: int, least: int = 1) -> None:
    """One line, of so many characters."""
    if not least <= len(text) <= most or not _shown(text, ""):
        refuse(field, f"is one line of {least} to {most:,} characters")
    if text and not text.strip():
        refuse(field, "is blank")


def prose(text: str, field: str, most: int) -> None:
    """A text that says something, on one line or several."""
    if not text.strip() or len(text) > most or not _shown(text, BREAKS):
        refuse(field, f"is a text of 1 to {most:,} characters")


def _shown(text: str, besides: str) -> bool:
    return all(
        character in besides or unicodedata.category(character) not in _UNSHOWN
        for character in text
    )


def texts(given: Texts, field: str, most: int, *, least: int = 1) -> None:
    """A text for at least so many languages, each of up to so many characters."""
    if not least <= len(given) <= MAX_LANGUAGES:
        refuse(field, f"has a text for {least} to {MAX_LANGUAGES} languages")
    for tag, text in given.items():
        language(tag, field)
        prose(text, f"{field}.{tag}", most)


def language(tag: str, field: str) -> None:
    """A language as BCP 47 names it."""
    if not _LANGUAGE.fullmatch(tag):
        refuse(field, f"names languages such as en or zh-CN, not {tag!r}")


def word(text: str, field: str) -> None:
    """One word without spaces."""
    if not 0 < len(text) <= MAX_WORD or not _shown(text, "") or re.search(r"\s", text):
        refuse(field, f"is one word of 1 to {MAX_WORD} characters")


def one_of(text: str | None, field: str, known: Collection[str]) -> None:
    """None, or one of these words."""
    if text is not None and text not in known:
        refuse(field, f"is one of {', '.join(known)}, not {text!r}")


def number(value: int | None, field: str, least: int, most: int) -> None:
    """None, or a number within these bounds."""
    if value is not None and not least <= value <= most:
        refuse(field, f"is a number from {least:,} to {most:,}")


def few(items: Iterable[str], field: str, most: int) -> None:
    """So many at most, none of them twice."""
    found = list(items)
    if len(found) > most:
        refuse(field, f"has at most {most:,} entries")
    twice = next((each for each in found if found.count(each) > 1), None)
    if twice is not None:
        refuse(field, f"has {twice!r} twice")


def page(pattern: str | None, field: str) -> None:
    """None, or a pattern of pages' paths."""
    if pattern is not None and not is_pattern(pattern):
        refuse(
            field,
            f"is a path such as /checkout/done, which begins with / and may end in {ANY_REST},"
            " without host, query and fragment",
        )


def matching(text: str | None, field: str, pattern: str, what: str) -> None:
    """None, or a text of this form."""
    if text is not None and not re.fullmatch(pattern, text):
        refuse(field, f"is {what}, not {text!r}")
