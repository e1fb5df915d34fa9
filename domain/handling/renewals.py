"""Renewal secrets: what a browser keeps to get fresh tokens, and what takes its place in time.

A secret that is used when it is older than a day is answered with a successor. It stays good until
the successor has been used and a grace period is over: an answer that was lost, and other tabs,
do no harm, and a copy that was stolen does not stay good for long. Only digests are stored.
"""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from domain import credentials
from domain.handling.door_settings import DoorSettings
from domain.permissions import AGENT, VISITOR
from domain.ports import Clock, Ids, NewSecret, RenewalSecret, Sessions


class Held(Struct, frozen=True):
    """A secret that somebody showed and that is good: the text, and what is known of it."""

    text: str
    renewal: credentials.Renewal
    secret: RenewalSecret


class Offer(Struct, frozen=True):
    """What to answer with, and what must be remembered before (None: it is already)."""

    text: str
    log: UUID
    new: NewSecret | None = None


class Renewals:
    """Gives secrets out and takes them in."""

    def __init__(self, sessions: Sessions, clock: Clock, ids: Ids, settings: DoorSettings) -> None:
        self._sessions = sessions
        self._clock = clock
        self._ids = ids
        self._settings = settings
        self._lifetimes = {
            VISITOR: settings.visitor_secret_s,
            AGENT: settings.agent_secret_s,
        }

    def fresh(self, role: str, log: UUID, subject: str) -> Offer:
        """A fresh secret for this visitor or agent."""
        return self._draw(role, log, subject, None)

    async def use(self, role: str, text: str | None) -> Held | None:
        """The secret, if it is one of this role and good; else None."""
        renewal = None if text is None else credentials.parse_renewal(role, text)
        if text is None or renewal is None:
            return None
        secret = await self._sessions.use_secret(
            renewal.log, renewal.digest, self._clock.now(), self._settings.rotation_grace_s
        )
        if secret is None or secret.role != role:
            return None
        return Held(text, renewal, secret)

    def kept(self, held: Held) -> Offer:
        """What to answer to a secret that was shown: itself, or its successor when it is old."""
        if self._clock.now() - held.secret.created_at < self._settings.rotate_after_s:
            return Offer(held.text, held.renewal.log)
        secret, renewal = held.secret, held.renewal
        return self._draw(secret.role, renewal.log, secret.subject, renewal.digest)

    async def give(self, offer: Offer) -> str:
        """Remember an offer; its text, which is good from now on."""
        if offer.new is not None:
            new = offer.new
            await self._sessions.add_secret(offer.log, new.digest, new.secret, new.successor_of)
        return offer.text

    async def revoke(self, role: str, text: str) -> None:
        """Make a secret and its kin worthless. What is no secret is worthless already."""
        renewal = credentials.parse_renewal(role, text)
        if renewal is not None:
            await self._sessions.revoke_secret(renewal.log, renewal.digest)

    def _draw(self, role: str, log: UUID, subject: str, follows: bytes | None) -> Offer:
        text = credentials.renewal_secret(role, log, self._ids.random(credentials.SECRET_BYTES))
        renewal = credentials.parse_renewal(role, text)
        assert renewal is not None
        now = self._clock.now()
        secret = RenewalSecret(role, subject, now, now + self._lifetimes[role])
        return Offer(text, log, NewSecret(renewal.digest, secret, follows))
