"""Under what a text is found: words, characters and pairs, and where each stands."""

from __future__ import annotations

import itertools
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.search.terms import MAX_TERMS, MAX_WORD, normalised, terms, units

texts = st.text(max_size=60) | st.text("aÀßﬁｶﾞガ한ᄒ\u1161退款 สวั หि\u0301_.-", max_size=30)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello, World! hello", {"hello", "world"}),
        ("order #12345, foo_bar e-mail", {"order", "12345", "foo", "bar", "e", "mail"}),
        ("Straße STRASSE", {"strasse"}),
        ("\uff21\uff22\uff23 \uff11\uff12\uff13", {"abc", "123"}),
        ("cafe\u0301 café", {"café"}),
        ("हिन्दी", {"हिन्दी"}),
        ("我要退款", {"我", "要", "退", "款", "我要", "要退", "退款"}),
        ("退。款", {"退", "款"}),
        ("用iPhone买", {"用", "iphone", "买"}),
        ("ｶﾞｽ", {"ガ", "ス", "ガス"}),
        ("안녕", {"안", "녕", "안녕"}),
        ("ขอ", {"ข", "อ", "ขอ"}),
        (" \n\t…!?—_ 👍", set()),
        ("", set()),
    ],
)
def test_terms(text: str, expected: set[str]) -> None:
    """Words without case, width or accents' spelling; of scripts without spaces, ones and twos."""
    found = terms(text)
    assert set(found) == expected
    assert len(found) == len(expected)


def test_long_words_count_by_their_beginning() -> None:
    """What somebody pastes is one term, and bounded."""
    assert terms("x" * 5_000) == terms("x" * MAX_WORD) == ["x" * MAX_WORD]
    (unit,) = units("x" * 5_000)
    assert (unit.text, unit.start, unit.end) == ("x" * MAX_WORD, 0, 5_000)


def test_of_a_very_long_text_the_beginning_counts() -> None:
    """The number of terms of one text is bounded, and those are its first."""
    found = terms(" ".join(f"w{n}" for n in range(3_000)))
    assert found == [f"w{n}" for n in range(MAX_TERMS)]


@given(texts)
def test_how_it_is_written_does_not_matter(text: str) -> None:
    """Composed, decomposed, in capitals: the same terms; and what is compared is stable."""
    assert normalised(normalised(text)) == normalised(text)
    for other in (normalize("NFC", text), normalize("NFD", text), text.casefold()):
        assert set(terms(other)) == set(terms(text))


@given(texts)
def test_units_make_up_the_terms(text: str) -> None:
    """A text's units, and its pairs of joined ones, are its terms: index and check agree."""
    found = units(text)
    pairs = (a.text + b.text for a, b in itertools.pairwise(found) if b.joined)
    assert {unit.text for unit in found} | set(pairs) == set(terms(text))


@given(texts)
def test_units_say_where_they_stand(text: str) -> None:
    """Places lie within the text, in order, and hold what the unit is made of."""
    last = 0
    for unit in units(text):
        assert 0 <= unit.start < unit.end <= len(text)
        assert unit.start >= last or unit.text not in normalised(text[unit.start : unit.end])
        last = unit.start
        assert normalised(text[unit.start : unit.end]).find(unit.text[:1]) >= 0


def test_places_count_code_points_of_the_text_itself() -> None:
    """A ligature, a letter that grows, half width and accents do not move what comes after."""
    text = "ﬁn Straße ｶﾞ e\u0301t 🙂 退款"
    assert [(u.text, text[u.start : u.end]) for u in units(text)] == [
        ("fin", "ﬁn"),
        ("strasse", "Straße"),
        ("ガ", "ｶﾞ"),
        ("ét", "e\u0301t"),
        ("退", "退"),
        ("款", "款"),
    ]
