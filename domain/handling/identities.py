"""Signed identities: a site's own back end says who its visitor is.

The signature is checked first, so that nobody uses up another's nonce. The nonce is used up last,
in one transaction with the secret that it is exchanged for: whatever fails before leaves the
identity good, and of two requests with one identity only one gets in. An identity that was used is
refused before anybody learns or becomes anything.
"""

from __future__ import annotations

import unicodedata
from typing import Annotated

from msgspec import Meta, Struct

from domain import digests
from domain.errors import Refused
from domain.handling.door_settings import DoorSettings
from domain.handling.tenants import Site
from domain.limits import MAX_NAME
from domain.ports import Clock, NewSecret, Sessions

MAX_NONCE = 128


class Identity(Struct, frozen=True):
    """Who a site says its visitor is; see :func:`domain.digests.identity_signature`.

    ``timestamp`` is in whole seconds since 1970.
    """

    user: Annotated[str, Meta(min_length=1, max_length=MAX_NAME)]
    timestamp: Annotated[int, Meta(ge=0, le=2**53)]
    nonce: Annotated[str, Meta(min_length=1, max_length=MAX_NONCE)]
    signature: Annotated[str, Meta(max_length=MAX_NONCE)]


class Identities:
    """Checks signed identities, once each."""

    def __init__(self, sessions: Sessions, clock: Clock, settings: DoorSettings) -> None:
        self._sessions = sessions
        self._clock = clock
        self._settings = settings

    async def check(self, site: Site, identity: Identity) -> str:
        """The key of the user's identity stream.

        Raises :class:`Refused`: ``bad_request``, ``bad_signature``, ``expired``, ``nonce_used``.
        """
        self._check_form(identity)
        now = self._clock.now()
        self._check_signature(site, identity, now)
        window = self._settings.identity_window_s
        if abs(now - identity.timestamp) > window:
            raise Refused("expired")
        digest = digests.nonce_digest(site.tenant_secret, identity.nonce)
        if await self._sessions.nonce_used(site.log, site.added.site, digest):
            raise Refused("nonce_used")
        return digests.user_key(site.tenant_secret, identity.user)

    async def exchange(self, site: Site, identity: Identity, secret: NewSecret | None) -> None:
        """Use the nonce up, and have the secret known that is given out for it.

        Raises :class:`Refused` ``nonce_used`` when somebody else was quicker.
        """
        settings = self._settings
        digest = digests.nonce_digest(site.tenant_secret, identity.nonce)
        until = identity.timestamp + settings.identity_window_s + settings.nonce_margin_s
        used = await self._sessions.use_nonce(site.log, site.added.site, digest, until, secret)
        if not used:
            raise Refused("nonce_used")

    @staticmethod
    def _check_form(identity: Identity) -> None:
        for text in (identity.user, identity.nonce):
            if any(unicodedata.category(character) == "Cc" for character in text):
                raise Refused("bad_request", "A user and a nonce have no control characters.")

    @staticmethod
    def _check_signature(site: Site, identity: Identity, now: float) -> None:
        said = identity.signature.lower()
        signed = (site.added.site, identity.user, identity.timestamp, identity.nonce)
        for secret in site.secrets(now):
            if digests.same(digests.identity_signature(secret, *signed), said):
                return
        raise Refused("bad_signature")
