"""What a query asks for, where a text has it, and what of the text is shown."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.errors import Refused
from projections.search.query import MAX_TERMS, MAX_UNITS, Query
from projections.search.snippet import LENGTH, Snippet, snippet
from projections.search.terms import terms, units

words = st.text("ab退款é 🙂.,\n", min_size=1, max_size=12)


def found(query: str, text: str) -> list[str] | None:
    """The parts of a text that a query finds."""
    stretches = Query.of(query).found_in(text)
    return None if stretches is None else [text[start:end] for start, end in stretches]


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("refund", "A Refund, please: REFUND!", ["Refund", "REFUND"]),
        ("refund please", "please: a refund", ["please", "refund"]),
        ("refund later", "a refund", None),
        ("fund", "a refund", None),
        ('"a refund"', "a refund, or a refund", ["a refund", "a refund"]),
        ('"refund a"', "a refund", None),
        ('"a refund"', "a, refund", ["a, refund"]),
        ('"a refund', "not a refund", ["a refund"]),
        ("“a refund”", "not a refund", ["a refund"]),
        ("e-mail", "my E-Mail, my mail e", ["E-Mail"]),
        ("退款", "我要退款。退,款", ["退款"]),
        ("退款", "退 款", None),
        ('"退 款"', "退,款 退款", ["退,款", "退款"]),
        ("款", "退款", ["款"]),
        ("我要退款", "我要退款了", ["我要退款"]),
        ("iphone退款", "买iPhone退款", ["iPhone退款"]),
        ('"a a"', "a a a", ["a a a"]),
        ("strasse", "Straße", ["Straße"]),
    ],
)
def test_finding(query: str, text: str, expected: list[str] | None) -> None:
    """All clauses must occur; a phrase in a row; characters without spaces right on one another."""
    assert found(query, text) == expected


@pytest.mark.parametrize("query", ["", "   ", '"', '""', "?!", "👍 …", "_"])
def test_nothing_to_look_for(query: str) -> None:
    """What holds no word is refused, and said so."""
    with pytest.raises(Refused) as refused:
        Query.of(query)
    assert refused.value.code == "bad_request"


def test_too_much_to_look_for() -> None:
    """As many terms as allowed are looked for, one more is refused."""
    many = [f"w{n}" for n in range(MAX_TERMS + 1)]
    assert len(Query.of(" ".join(many[1:])).terms) == MAX_TERMS
    for asked in (" ".join(many), "".join(chr(0x4E00 + n) for n in range(MAX_TERMS + 2))):
        with pytest.raises(Refused):
            Query.of(asked)


@pytest.mark.parametrize("text", ["哈" * (MAX_UNITS + 1), "\u337f" * (MAX_UNITS // 4 + 1)])
def test_the_same_too_often(text: str) -> None:
    """One character again and again is one term or two, and still too much from some length on."""
    with pytest.raises(Refused):
        Query.of(text)


def test_a_term_twice_is_one() -> None:
    """Whoever repeats himself asks for no more."""
    assert Query.of("a A \uff41").clauses == Query.of("a").clauses


@given(words, words, words)
def test_what_a_text_holds_is_found(before: str, middle: str, after: str) -> None:
    """A part of a text between spaces finds the text, and its terms are in the index."""
    text = f"{before} {middle} {after}"
    for asked in (middle, f'"{middle}"', text):
        try:
            query = Query.of(asked)
        except Refused:
            continue
        assert query.terms <= set(terms(text))
        marks = query.found_in(text)
        assert marks
        assert all(first[1] <= second[0] for first, second in itertools.pairwise(marks))


@given(st.text("哈a ", min_size=1, max_size=6), st.text("哈a .", max_size=30))
def test_a_phrase_is_where_its_units_are(phrase: str, text: str) -> None:
    """Wherever the units follow one another, joined where they are asked for so."""
    asked, there = units(phrase), units(text)
    assume(asked)
    places = [
        (there[n].start, there[n + len(asked) - 1].end)
        for n in range(len(there) - len(asked) + 1)
        if all(
            unit.text == there[n + k].text and (there[n + k].joined or not unit.joined)
            for k, unit in enumerate(asked)
        )
    ]
    found = Query.of(f'"{phrase}"').found_in(text) or []
    assert {n for start, end in found for n in range(start, end)} == {
        n for start, end in places for n in range(start, end)
    }


def test_a_short_text_is_shown_whole() -> None:
    """With every hit marked; line breaks are spaces."""
    text = "No\nrefund? Refund!"
    stretches = Query.of("refund").found_in(text)
    assert stretches is not None
    assert snippet(text, stretches) == Snippet("No refund? Refund!", [(3, 9), (11, 17)])


def test_a_long_text_is_cut_at_spaces() -> None:
    """Around its first hit, with marks that fit what is shown."""
    text = "lorem ipsum " * 40 + "a refund 🙂 refund " + "dolor sit " * 40 + "refund"
    stretches = Query.of("refund").found_in(text)
    assert stretches is not None
    shown = snippet(text, stretches)
    assert [shown.text[start:end] for start, end in shown.marks] == ["refund", "refund"]
    assert shown.text[0] == shown.text[-1] == "…"
    assert set(shown.text[1:-1].split()) <= set(text.split())
    assert LENGTH - 40 < len(shown.text) < LENGTH + 10


@given(st.text("ab 退款\n", max_size=400), st.sampled_from(["a", "ab", "退款", '"a b"']))
def test_snippets_are_bounded_and_marked(text: str, query: str) -> None:
    """Whatever the text: bounded, at least one mark, and each within what is shown."""
    stretches = Query.of(query).found_in(text)
    if stretches is None:
        return
    shown = snippet(text, stretches)
    assert len(shown.text) <= 2 * LENGTH + 10
    assert shown.marks
    assert all(0 <= start < end <= len(shown.text) for start, end in shown.marks)
    start, end = shown.marks[0]
    first = "".join(" " if c.isspace() else c for c in text[stretches[0][0] : stretches[0][1]])
    assert first.startswith(shown.text[start:end].rstrip("…"))
