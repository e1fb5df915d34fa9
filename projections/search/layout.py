"""The bytes of the index: what its rows hold. Pure.

A log's positions fall into windows. What was said in the newest window is kept as it came, message
by message (*recent*). When the log has grown into the next window, the window before is turned
round, once: for each digest of a term the messages that hold it. Those *postings* lie in a fixed
number of rows, by the digests' first bits, since a row for each would be ten times its content.

All numbers are little-endian. These layouts are stored: another one is another version of the
projection.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from struct import Struct as Layout
from typing import TypeAlias

WINDOW = 16_384
"""Positions of a window. So few that the newest one is read in a moment, and that an offset has two
bytes; so many that most of a posting is offsets, and that a log of years has some hundred."""

BUCKET_BITS = 9
"""By so many first bits of a digest its row is found: 512 rows a window, of some hundred bytes each
where people talk."""

DIGEST_BYTES = 4
"""Of a term's digest that are kept. Two terms that agree in them are found for each other, and told
apart in the text: with four thousand million of them that is rare enough."""

_OFFSET_BYTES = 2
_DIGEST_BITS = 8 * DIGEST_BYTES
_SWAPPED = sys.byteorder != "little"
_COUNT = Layout("<I")
_MESSAGE = Layout("<qI")


def shortened(digest: bytes) -> bytes:
    """What the index keeps of a term's digest."""
    return digest[:DIGEST_BYTES]


def bucket_of(digest: bytes) -> int:
    """In which row of each window a digest's postings are."""
    return _number_of(digest) >> _DIGEST_BITS - BUCKET_BITS


def window_of(position: int) -> int:
    """In which window a position is."""
    return position // WINDOW


def recent_of(messages: Mapping[int, bytes]) -> bytes:
    """A row of what was said lately: positions, each with the digests of its message."""
    parts: list[bytes] = []
    for position, digests in messages.items():
        parts += (_MESSAGE.pack(position, len(digests)), digests)
    return b"".join(parts)


def messages_in(recent: bytes) -> Iterator[tuple[int, bytes]]:
    """The messages of one or more such rows again."""
    place = 0
    while place < len(recent):
        position, size = _MESSAGE.unpack_from(recent, place)
        place += _MESSAGE.size + size
        yield position, recent[place - size : place]


def holding_all(recent: bytes, digests: Sequence[bytes]) -> set[int]:
    """The positions of recent messages that seem to hold all of these digests.

    Bytes of two neighbours may look like a third: who holds nothing of it is seen in the text.
    """
    return {
        position
        for position, held in messages_in(recent)
        if all(digest in held for digest in digests)
    }


Postings: TypeAlias = "dict[int, array[int]]"
"""Of one row: digests as numbers, each with the offsets of the messages that hold it, in order."""


Rows: TypeAlias = "dict[tuple[int, int], Postings]"
"""By window and bucket."""


def turn_round(messages: Mapping[int, bytes], rows: Rows) -> None:
    """Add to rows what messages hold, which come after all that are in them, in order."""
    for position, digests in messages.items():
        window, offset = divmod(position, WINDOW)
        for digest in _array("I", digests):
            row = rows.setdefault((window, digest >> _DIGEST_BITS - BUCKET_BITS), {})
            found = row.get(digest)
            if found is None:
                row[digest] = array("H", (offset,))
            else:
                found.append(offset)


def row_of(postings: Postings) -> bytes:
    """A row: how many digests, the digests in order, how many offsets each has, the offsets."""
    digests = sorted(postings)
    sizes = (len(postings[digest]) for digest in digests)
    parts = [_COUNT.pack(len(digests)), _raw("I", digests), _raw("H", sizes)]
    parts += (_raw("H", postings[digest]) for digest in digests)
    return b"".join(parts)


def postings_in(row: bytes) -> Postings:
    """What a row holds."""
    digests, sizes, begin = _heads(row)
    ends = accumulate(sizes, initial=begin // _OFFSET_BYTES)
    offsets = _array("H", row)
    return {
        digest: offsets[end : end + size]
        for digest, size, end in zip(digests, sizes, ends, strict=False)
    }


def positions_of(row: bytes, window: int, digest: bytes) -> set[int]:
    """The positions in a window that hold a digest, by the row that it would be in."""
    digests, sizes, begin = _heads(row)
    try:
        place = digests.index(_number_of(digest))
    except ValueError:
        return set()
    start = begin + _OFFSET_BYTES * sum(sizes[:place])
    end = start + _OFFSET_BYTES * sizes[place]
    return {window * WINDOW + offset for offset in _array("H", row[start:end])}


def without(postings: Postings, gone: set[int]) -> Postings:
    """The postings without these offsets, and without digests that nothing else holds."""
    left = {
        digest: array("H", (offset for offset in offsets if offset not in gone))
        if not gone.isdisjoint(offsets)
        else offsets
        for digest, offsets in postings.items()
    }
    return {digest: offsets for digest, offsets in left.items() if offsets}


def _heads(row: bytes) -> tuple[array[int], array[int], int]:
    """A row's digests, how many offsets each has, and where these begin."""
    (count,) = _COUNT.unpack_from(row)
    sizes = _COUNT.size + DIGEST_BYTES * count
    begin = sizes + _OFFSET_BYTES * count
    return _array("I", row[_COUNT.size : sizes]), _array("H", row[sizes:begin]), begin


def _number_of(digest: bytes) -> int:
    return int.from_bytes(digest, "little")


def _array(kind: str, raw: bytes) -> array[int]:
    numbers: array[int] = array(kind)
    numbers.frombytes(raw)
    if _SWAPPED:
        numbers.byteswap()
    return numbers


def _raw(kind: str, numbers: Iterable[int]) -> bytes:
    found: array[int] = array(kind, numbers)
    if _SWAPPED:
        found.byteswap()
    return found.tobytes()
