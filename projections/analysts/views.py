"""Makes the analysts' views, as the owner, where they are not there as this program has them."""

from __future__ import annotations

from hashlib import sha256

from domain.ports import Transaction
from projections.projection import LIVE, statement


def statements() -> tuple[str, ...]:
    """What makes the views over the tables that are live in this transaction.

    A view keeps to the tables that it was made over, so it is made again where others become live.
    """
    text, checksum = _text()
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
    if [row["checksum"] for row in made] != [_text()[1]]:
        for each in statements():
            await transaction.execute(each)


def _text() -> tuple[str, str]:
    text = statement("projections.analysts", "views")
    return text, sha256(text.encode()).hexdigest()
