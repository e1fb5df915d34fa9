"""The bytes of the index: what its rows hold. Pure.

A log's positions fall into windows. What was said in the newest window is kept as it came, message
by message (*recent*). When the log has grown into the next window, the window before is turned
round, once: for each token the messages that hold it. Those *postings* lie in a fixed number of
rows, by the first bits of the token, since a row for each token would be ten times its content.

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
"""By so many first bits of a token its row is found: 512 rows a window, of some hundred bytes each
where people talk."""

TOKEN_BYTES = 4
"""Of a token's digest. Two tokens of a window that have the same ones are found for each other, and
told apart in the text: of four milliards that is rare enough."""

_OFFSET_BYTES = 2
_TOKEN_BITS = 8 * TOKEN_BYTES
_SWAPPED = sys.byteorder != "little"
_COUNT = Layout("<I")
_MESSAGE = Layout("<qI")


def token_of(digest: bytes) -> bytes:
    """What the index keeps of a token's digest."""
    return digest[:TOKEN_BYTES]


def bucket_of(token: bytes) -> int:
    """In which row of each window a token's postings are."""
    return _number_of(token) >> _TOKEN_BITS - BUCKET_BITS


def window_of(position: int) -> int:
    """In which window a position is."""
    return position // WINDOW


def recent_of(messages: Mapping[int, bytes]) -> bytes:
    """A row of what was said lately: positions, each with the tokens of its message."""
    parts: list[bytes] = []
    for position, tokens in messages.items():
        parts += (_MESSAGE.pack(position, len(tokens)), tokens)
    return b"".join(parts)


def messages_in(recent: bytes) -> Iterator[tuple[int, bytes]]:
    """The messages of one or more such rows again."""
    place = 0
    while place < len(recent):
        position, size = _MESSAGE.unpack_from(recent, place)
        place += _MESSAGE.size + size
        yield position, recent[place - size : place]


def holding_all(recent: bytes, tokens: Sequence[bytes]) -> set[int]:
    """The positions of recent messages that seem to hold all of these tokens.

    Bytes of two neighbours may look like a third: who holds nothing of it is seen in the text.
    """
    return {
        position for position, held in messages_in(recent) if all(token in held for token in tokens)
    }


Postings: TypeAlias = "dict[int, array[int]]"
"""Of one row: tokens as numbers, each with the offsets in the window of what holds it, ascending"""


def turned_round(messages: Mapping[int, bytes]) -> dict[tuple[int, int], Postings]:
    """Messages' tokens as tokens' messages, by window and bucket."""
    rows: dict[tuple[int, int], Postings] = {}
    for position in sorted(messages):
        window, offset = divmod(position, WINDOW)
        for token in _array("I", messages[position]):
            row = rows.setdefault((window, token >> _TOKEN_BITS - BUCKET_BITS), {})
            found = row.get(token)
            if found is None:
                row[token] = array("H", (offset,))
            else:
                found.append(offset)
    return rows


def row_of(postings: Postings) -> bytes:
    """A row: how many tokens, the tokens in order, how many offsets each has, the offsets."""
    tokens = sorted(postings)
    sizes = (len(postings[token]) for token in tokens)
    parts = [_COUNT.pack(len(tokens)), _raw("I", tokens), _raw("H", sizes)]
    parts += (_raw("H", postings[token]) for token in tokens)
    return b"".join(parts)


def postings_in(row: bytes) -> Postings:
    """What a row holds."""
    tokens, sizes, begin = _heads(row)
    ends = accumulate(sizes, initial=begin // _OFFSET_BYTES)
    offsets = _array("H", row)
    return {
        token: offsets[end : end + size]
        for token, size, end in zip(tokens, sizes, ends, strict=False)
    }


def positions_of(row: bytes, window: int, token: bytes) -> set[int]:
    """The positions in a window that hold a token, by the row that it would be in."""
    tokens, sizes, begin = _heads(row)
    try:
        place = tokens.index(_number_of(token))
    except ValueError:
        return set()
    start = begin + _OFFSET_BYTES * sum(sizes[:place])
    end = start + _OFFSET_BYTES * sizes[place]
    return {window * WINDOW + offset for offset in _array("H", row[start:end])}


def without(postings: Postings, gone: set[int]) -> Postings:
    """The postings without these offsets, and without tokens that nothing else holds."""
    left = {
        token: array("H", (offset for offset in offsets if offset not in gone))
        if not gone.isdisjoint(offsets)
        else offsets
        for token, offsets in postings.items()
    }
    return {token: offsets for token, offsets in left.items() if offsets}


def _heads(row: bytes) -> tuple[array[int], array[int], int]:
    """A row's tokens, how many offsets each has, and where these begin."""
    (count,) = _COUNT.unpack_from(row)
    sizes = _COUNT.size + TOKEN_BYTES * count
    begin = sizes + _OFFSET_BYTES * count
    return _array("I", row[_COUNT.size : sizes]), _array("H", row[sizes:begin]), begin


def _number_of(token: bytes) -> int:
    return int.from_bytes(token, "little")


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
