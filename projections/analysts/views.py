"""Makes the analysts' views, as the owner, where they are not there as this program has them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import sha256

from domain.ports import Transaction
from projections.generations import Remaking
from projections.projection import LIVE, statement

_MADE = re.compile(r"^CREATE VIEW (\S+)", re.MULTILINE)
_WORD = re.compile(r"\w+")


def remaking(tables: Sequence[str]) -> Remaking:
    """What makes the views over the tables that are live in this transaction.

    A view keeps to the tables that it was made over, so it is made again where others become live.
    Views that read none of these ``tables`` are left alone.
    """
    text, checksum = _text()
    if not set(tables) & set(_WORD.findall(text)):
        return Remaking()
    return Remaking(_statements(text, checksum), len(_MADE.findall(text)))


def _statements(text: str, checksum: str) -> tuple[str, ...]:
    return (
        f"SET LOCAL search_path = {LIVE}",
        text,
        "DELETE FROM analytics.made",
        f"INSERT INTO analytics.made (checksum) VALUES ('{checksum}')",  # noqa: S608  # hex digits
    )


async def make_views(transaction: Transaction) -> None:
    """Make the views over the live tables.

    Views that are as they should be are left alone: making one waits for all who read it.
    """
    made = await transaction.fetch("SELECT checksum FROM analytics.made")
    text, checksum = _text()
    if [row["checksum"] for row in made] != [checksum]:
        for each in _statements(text, checksum):
            await transaction.execute(each)


def _text() -> tuple[str, str]:
    text = statement("projections.analysts", "views")
    return text, sha256(text.encode()).hexdigest()
