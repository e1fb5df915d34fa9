"""Tokens, self-describing names and keyed digests."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import base64url, credentials, digests
from domain.errors import Refused
from domain.tokens import Claims, Tokens

LOG = UUID("018c0000-0000-7000-8000-000000000001")
NEW, OLD, OTHER = b"n" * 32, b"o" * 32, b"x" * 32
CLAIMS = Claims(LOG, "agent", "018c0000-0000-7000-8000-000000000002", 1000)


def test_a_token_says_what_was_put_in() -> None:
    """What is issued is read again, site included."""
    tokens = Tokens([NEW])
    claims = Claims(LOG, "visitor", "v", 1000, "site")
    assert tokens.read(tokens.issue(claims), 999) == claims


def test_a_token_fits_into_a_header() -> None:
    """It is compact, and made of characters that need no quoting."""
    token = Tokens([NEW]).issue(CLAIMS)
    assert len(token) < 200
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


def test_the_ring_of_keys_turns() -> None:
    """After a rotation old tokens are good while the old key is in the ring, then no more."""
    old = Tokens([OLD]).issue(CLAIMS)
    assert Tokens([NEW, OLD]).read(old, 0) == CLAIMS
    assert Tokens([NEW]).read(Tokens([NEW, OLD]).issue(CLAIMS), 0) == CLAIMS
    with pytest.raises(Refused, match="token"):
        Tokens([NEW]).read(old, 0)


def test_a_token_ends() -> None:
    """At the second that it names it is over."""
    tokens = Tokens([NEW])
    with pytest.raises(Refused) as refused:
        tokens.read(tokens.issue(CLAIMS), 1000)
    assert refused.value.code == "unauthorized"


@pytest.mark.parametrize("place", range(0, 160, 7))
def test_a_changed_token_is_refused(place: int) -> None:
    """No character can be another, in the claims or in the signature."""
    token = Tokens([NEW]).issue(CLAIMS)
    place %= len(token)
    other = "A" if token[place] != "A" else "B"
    with pytest.raises(Refused):
        Tokens([NEW]).read(token[:place] + other + token[place + 1 :], 0)


@given(st.text(max_size=2000))
def test_no_text_is_more_than_refused(text: str) -> None:
    """Whatever is shown as a token, a key, a secret or a site is answered by a plain no."""
    with pytest.raises(Refused):
        Tokens([NEW]).read(text, 0)
    assert credentials.parse_api_key("pk_" + text) is None
    assert credentials.parse_renewal("visitor", "rv_" + text) is None
    assert credentials.site_log(text) is None


@given(st.binary(max_size=100))
def test_base64url_goes_there_and_back(raw: bytes) -> None:
    """Every byte string has its text."""
    assert base64url.decode(base64url.encode(raw)) == raw


@pytest.mark.parametrize("text", ["QQ==", "QR", "Q Q", "Q", "Q\n", "+/", "é"])
def test_base64url_has_one_text_only(text: str) -> None:
    """Padding, stray characters and loose bits are not read: a text has no twin."""
    assert base64url.decode(text) is None


def test_a_site_names_its_log() -> None:
    """From a site's id follows its log, without a table."""
    assert credentials.site_log(credentials.site_id(LOG, b"unique")) == LOG


def test_an_api_key_comes_apart() -> None:
    """Log, key and a digest; the digest is of the secret alone and the secret is not in it."""
    text = credentials.api_key(LOG, b"8 bytes.", b"s" * 32)
    parsed = credentials.parse_api_key(text)
    assert parsed is not None
    assert (parsed.log, parsed.key) == (LOG, b"8 bytes.".hex())
    other = credentials.parse_api_key(credentials.api_key(LOG, b"8 bytes.", b"t" * 32))
    assert other is not None
    assert other.digest != parsed.digest


def test_a_renewal_secret_is_of_one_role() -> None:
    """A visitor's secret opens no agent's door."""
    text = credentials.renewal_secret("visitor", LOG, b"s" * 32)
    assert credentials.parse_renewal("visitor", text) is not None
    assert credentials.parse_renewal("agent", text) is None
    assert credentials.parse_renewal("agent", "ra_" + text[3:]) is not None


def test_an_identitys_signature_never_changes() -> None:
    """Golden: customers' back ends compute this with their own HMAC."""
    signature = digests.identity_signature("secret", "site", "ada", 1700000000, "nonce")
    assert signature == "ee32e12d6e08027ecd0090c6fae5fc05f1c6e5647ee8e5d5a1b73270a0f553a3"


def test_keyed_digests_keep_kinds_and_tenants_apart() -> None:
    """The same text under another kind or another tenant's secret is another name."""
    names = {
        digests.email_key(b"one", "ada@example.org"),
        digests.email_key(b"two", "ada@example.org"),
        digests.user_key(b"one", "ada@example.org"),
        digests.nonce_digest(b"one", "ada@example.org").hex(),
    }
    assert len(names) == 4
    assert digests.email_key(b"one", " Ada@Example.ORG ") in names
