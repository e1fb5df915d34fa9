"""Signatures: as the specification has them, and as its own library checks them."""

from __future__ import annotations

import time

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from domain.webhooks import signing

BODY = '{"type":"message.posted","data":{"text":"Grüße 🦜"}}'.encode()
SECRET = signing.secret_of(bytes(range(32)))
OTHER = signing.secret_of(b"other" * 6)

EXAMPLE = "v1,Q8MRgq7NAOHTNofAB16B6F+PHpxSKajqryw1SbuhJ70="
"""Of 24 zero bytes as the secret: ``printf '%s' 'msg.1700000000.{}' | openssl dgst -sha256 -mac
HMAC -macopt hexkey:00…00 -binary | base64``."""


def test_a_worked_example() -> None:
    """The layout of what is signed, held to a value that was computed elsewhere."""
    secret = signing.secret_of(bytes(24))
    assert signing.signature("msg", 1_700_000_000, b"{}", secret) == EXAMPLE


@pytest.mark.parametrize("secret", [SECRET, OTHER])
def test_the_specifications_library_takes_it(secret: str) -> None:
    """Signed by two secrets, a receiver that knows either of them verifies the body."""
    now = int(time.time())
    headers = signing.headers("018c-1", now, BODY, (SECRET, OTHER))
    assert len(headers["webhook-signature"].split(" ")) == 2
    assert Webhook(secret).verify(BODY, headers)["type"] == "message.posted"


@pytest.mark.parametrize("changed", ["body", "webhook-id", "webhook-timestamp", "secret"])
def test_nothing_of_it_can_be_changed(changed: str) -> None:
    """Body, id, time and secret are each covered."""
    now = int(time.time())
    headers = signing.headers("018c-1", now, BODY, (SECRET,))
    other = {"webhook-id": "018c-2", "webhook-timestamp": str(now + 1)}
    headers |= {name: value for name, value in other.items() if name == changed}
    body = BODY + b" " if changed == "body" else BODY
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER if changed == "secret" else SECRET).verify(body, headers)


def test_secrets_are_told_from_other_texts() -> None:
    """A text is a secret with its prefix, in base64, with as many bytes as are allowed."""
    for length in (signing.LEAST_BYTES, signing.SECRET_BYTES, signing.MOST_BYTES):
        assert signing.key_of(signing.secret_of(bytes(length))) == bytes(length)
    wrong = ["", "whsec_", SECRET.removeprefix("whsec_"), SECRET + "?", "whsec_ä"]
    wrong += [signing.secret_of(bytes(n)) for n in (23, 65)]
    assert [text for text in wrong if signing.key_of(text) is not None] == []
