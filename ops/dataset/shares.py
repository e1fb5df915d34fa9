"""A whole number split by weights, exactly: what makes every fraction of the set come out right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence


def shares(total: int, weights: Sequence[float]) -> list[int]:
    """``total`` in as many parts as there are weights, in their proportions; the sum is exact."""
    return list(running_shares(total, weights, sum(weights)))


def running_shares(total: int, weights: Iterable[float], whole: float) -> Iterator[int]:
    """The same for weights that come one by one and are ``whole`` in the end.

    What is rounded is the running sum, so no error adds up.
    """
    running, given = 0.0, 0
    for weight in weights:
        running += weight
        upto = min(total, round(total * running / whole))
        yield upto - given
        given = upto
