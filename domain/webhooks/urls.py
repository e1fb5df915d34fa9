"""What may be the address of a webhook, as far as its text says.

Whether a request may go to where it leads is decided later, on the address that is connected to:
a name says nothing about that.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from domain.limits import MAX_URL

SCHEMES = ("https", "http")
"""``http`` goes only into networks that the operator has allowed by name."""


def fault(url: str) -> str | None:
    """What is wrong with an address, as the end of a sentence; None where nothing is."""
    if len(url) > MAX_URL:
        return f"has more than {MAX_URL} characters"
    if not url.isascii() or not url.isprintable() or " " in url:
        return "has a character that must be encoded first"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "is no web address"
    if parts.scheme not in SCHEMES or not parts.hostname or port == 0:
        return "is no web address such as https://shop.example/hook"
    if parts.username is not None or parts.password is not None:
        return "must not have a user or a password in it"
    if parts.fragment:
        return "must not have a fragment"
    return None
