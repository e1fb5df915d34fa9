"""The bytes of the index say what was put in, and lose exactly what is taken out."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from projections.search import layout
from projections.search.layout import WINDOW

DIGESTS = [bytes((n, 0, 7, 255 - n)) for n in range(6)] + [b"\xff" * 4, b"\0" * 4]

said = st.dictionaries(
    st.integers(1, 3 * WINDOW) | st.integers(WINDOW - 2, WINDOW + 2),
    st.lists(st.sampled_from(DIGESTS), min_size=1, max_size=5, unique=True).map(b"".join),
    max_size=30,
)


def held(messages: Mapping[int, bytes], digest: bytes) -> set[int]:
    """Where a digest is, looked up as plainly as can be."""
    return {
        position
        for position, digests in messages.items()
        if digest in {digests[n : n + 4] for n in range(0, len(digests), 4)}
    }


def turned_round(messages: Mapping[int, bytes]) -> layout.Rows:
    """Postings of messages, added in two parts."""
    rows: layout.Rows = {}
    ordered = sorted(messages.items())
    for part in (ordered[:7], ordered[7:]):
        layout.turn_round(dict(part), rows)
    return rows


@given(said)
def test_rows_of_recent_messages(messages: dict[int, bytes]) -> None:
    """Come back as they went in, one row after the other too; digests are found in them."""
    row = layout.recent_of(messages)
    assert dict(layout.messages_in(row)) == messages
    assert layout.recent_of({}) == b""
    second = {position + 4 * WINDOW: digests for position, digests in messages.items()}
    both = row + layout.recent_of(second)
    for digest in DIGESTS:
        found = layout.holding_all(both, [digest])
        assert held(messages | second, digest) <= found <= set(messages | second)
        other = DIGESTS[0]
        assert layout.holding_all(both, [digest, other]) >= held(messages, digest) & held(
            messages, other
        )


@given(said)
def test_postings(messages: dict[int, bytes]) -> None:
    """Turned round, each digest of each window is found where it was said, and no other."""
    rows = {key: layout.row_of(row) for key, row in turned_round(messages).items()}
    for digest in DIGESTS:
        found: set[int] = set()
        for window in range(4):
            row = rows.get((window, layout.bucket_of(digest)))
            if row is not None:
                found |= layout.positions_of(row, window, digest)
        assert found == held(messages, digest)
    assert sum(len(layout.postings_in(row)) for row in rows.values()) >= bool(messages)
    assert {window for window, _ in rows} == set(map(layout.window_of, messages))


@given(said, st.data())
def test_taking_out(messages: dict[int, bytes], data: st.DataObject) -> None:
    """Postings without some messages are the postings of the others; nothing empty stays."""
    gone = data.draw(st.sets(st.sampled_from(sorted(messages)))) if messages else set()
    left: dict[tuple[int, int], layout.Postings] = {}
    for (window, bucket), row in turned_round(messages).items():
        offsets = {position % WINDOW for position in gone if position // WINDOW == window}
        kept = layout.without(layout.postings_in(layout.row_of(row)), offsets)
        if kept:
            left[window, bucket] = kept
    others = {position: digests for position, digests in messages.items() if position not in gone}
    assert left == turned_round(others)


def test_the_layout_is_for_ever() -> None:
    """Rows that were stored are read by later programs: an example, byte for byte."""
    digest, other = b"\x01\x00\x00\x80", b"\x02\x00\x00\x80"
    messages = {3: digest, WINDOW + 5: digest + other, WINDOW + 9: other}
    assert layout.recent_of({3: digest}).hex() == "03000000000000000400000001000080"
    rows = turned_round(messages)
    assert list(rows) == [(0, 256), (1, 256)]
    assert layout.row_of(rows[1, 256]).hex() == ("02000000010000800200008001000200050005000900")
