"""How many messages each conversation has: as different as in life, and exactly so many in all."""

from __future__ import annotations

from collections.abc import Iterator

from ops.dataset.drawing import Dice, Weighted
from ops.dataset.shares import running_shares

SHARES = (
    *(11.0, 14.5, 15.5, 14.0, 11.0, 8.5, 6.4, 4.9, 3.6, 2.7, 2.0, 1.5, 1.1, 0.8, 0.6, 0.45),
    *(0.34, 0.26, 0.2, 0.16, 0.13, 0.1, 0.08, 0.06, 0.05, 0.04, 0.035, 0.03, 0.025, 0.02),
)
"""In a hundred conversations, how many have one message, two, three and so on. 4.9 on average."""

BLOCK = 256
"""So many conversations together have their exact share of the messages: no more are in mind."""

_LENGTHS = Weighted(SHARES)


def lengths(conversations: int, messages: int, dice: Dice) -> Iterator[int]:
    """The number of messages of one conversation after the other; ``messages`` in all.

    There are at least as many messages as conversations, each of which has one.
    """
    sizes = [BLOCK] * (conversations // BLOCK) + [conversations % BLOCK or BLOCK]
    if conversations % BLOCK == 0:
        sizes.pop()
    shares = running_shares(messages, map(float, sizes), conversations)
    for size, share in zip(sizes, shares, strict=True):
        block = [1 + dice.of(_LENGTHS) for _ in range(size)]
        _fit(block, share, dice)
        yield from block


def _fit(block: list[int], share: int, dice: Dice) -> None:
    """Lengthen or shorten some by one, until the block has its share."""
    missing = share - sum(block)
    while missing:
        at = dice.number(0, len(block) - 1)
        step = 1 if missing > 0 else -1
        if block[at] + step >= 1:
            block[at] += step
            missing -= step
