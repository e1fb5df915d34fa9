"""Makes the analysts' views, as the owner, where they are not there as this program has them."""

from __future__ import annotations

from hashlib import sha256

from domain.ports import Transaction
from projections.projection import LIVE, statement


async def make_views(transaction: Transaction, *, anew: bool = False) -> None:
    """Make the views over the live tables; ``anew``: these are others now, of the same names.

    Views that are as they should be are left alone: making one waits for all who read it.
    """
    text = statement("projections.analysts", "views")
    checksum = sha256(text.encode()).hexdigest()
    made = await transaction.fetch("SELECT checksum FROM analytics.made")
    if not anew and [row["checksum"] for row in made] == [checksum]:
        return
    await transaction.execute(f"SET LOCAL search_path = {LIVE}")
    await transaction.execute(text)
    await transaction.execute("DELETE FROM analytics.made")
    await transaction.execute("INSERT INTO analytics.made (checksum) VALUES ($1)", checksum)
