"""Where a visit comes from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.conversation.events import Page
from domain.visitor.source import MAX_WORD, Source, source_of

SHOP = "https://www.shop.example/a"


@pytest.mark.parametrize(
    ("referrer", "source"),
    [
        (None, Source("direct")),
        ("", Source("direct")),
        ("about:blank", Source("direct")),
        ("http://[bad", Source("direct")),
        ("https://shop.example/b", Source("internal")),
        ("https://SHOP.example:8443/b?c", Source("internal")),
        ("https://blog.shop.example/", Source("referral", "blog.shop.example")),
        ("https://www.google.com/", Source("search", "google")),
        ("https://www.google.co.uk/search?q=x", Source("search", "google")),
        ("android-app://com.google.android.googlequicksearchbox/", Source("search", "google")),
        ("https://mail.google.com/", Source("referral", "mail.google.com")),
        ("https://google.evil.example/", Source("referral", "google.evil.example")),
        ("https://www.baidu.com/link?url=x", Source("search", "baidu")),
        ("https://duckduckgo.com/", Source("search", "duckduckgo")),
        ("https://lm.facebook.com/l.php", Source("social", "facebook")),
        ("https://t.co/abc", Source("social", "x")),
        ("https://out.reddit.com/x", Source("social", "reddit")),
        ("https://notx.com/", Source("referral", "notx.com")),
    ],
)
def test_who_sent_somebody(referrer: str | None, source: Source) -> None:
    """By the referrer's host alone: engines, networks, other sites, one's own."""
    assert source_of(Page(SHOP, referrer=referrer)) == source


@pytest.mark.parametrize(
    ("query", "source"),
    [
        (
            "utm_source=News&utm_medium=E-Mail&utm_campaign=Spring+2026",
            Source("e-mail", "news", "Spring 2026"),
        ),
        ("utm_campaign=spring", Source("tagged", "", "spring")),
        ("utm_source=%20%20", Source("search", "google")),
        ("gclid=abc", Source("cpc", "google")),
        ("msclkid=abc&utm_campaign=x", Source("cpc", "bing", "x")),
        ("utm_source=a&utm_source=b", Source("tagged", "a")),
        ("utm_source=a%0Ab", Source("tagged", "a b")),
        ("utm_source=a%00b", Source("tagged", "a b")),
        ("&".join(["x=1"] * 100) + "&utm_source=a", Source("search", "google")),
        ("utm%5Fsource=a", Source("tagged", "a")),
        ("q=utm_source", Source("search", "google")),
    ],
)
def test_what_a_link_says_goes_before_the_referrer(query: str, source: Source) -> None:
    """UTM parameters and paid clicks; a link that says nothing is judged by who sent it."""
    page = Page(f"{SHOP}?{query}", referrer="https://www.google.com/")
    assert source_of(page) == source


@given(st.text(max_size=300), st.none() | st.text(max_size=300))
def test_whatever_stands_there_is_some_source(url: str, referrer: str | None) -> None:
    """Nothing raises, and no word is longer than a report can show."""
    found = source_of(Page(url, referrer=referrer))
    assert found.medium
    assert max(map(len, (found.medium, found.name, found.campaign or ""))) <= MAX_WORD


def test_words_are_bounded() -> None:
    """A link may say as much as it likes; a report's row is as long as it is."""
    found = source_of(Page(f"{SHOP}?utm_source={'ß' * 500}&utm_medium={'y' * 500}"))
    assert max(len(found.medium), len(found.name)) <= MAX_WORD
