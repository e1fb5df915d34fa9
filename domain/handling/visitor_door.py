"""The visitors' door: from a site's id, and what the browser kept, to a token.

A visitor's id alone opens nothing. What cannot be recognised any more is a new, anonymous visitor;
only a signed identity that is wrong is refused.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from domain import streams
from domain.conversation.decide import check_page
from domain.conversation.events import Page
from domain.envelope import Actor, mark
from domain.errors import Refused
from domain.handling.callers import origin_allowed
from domain.handling.commands import CommandHandler
from domain.handling.door_settings import DoorSettings
from domain.handling.identities import Identities, Identity
from domain.handling.renewals import Held, Offer, Renewals
from domain.handling.sender import Sender
from domain.handling.sightings import UNSEEN, Came, Sightings
from domain.handling.states import Binding, States
from domain.handling.tenants import Site, Tenants
from domain.limits import MAX_PASSED
from domain.permissions import VISITOR
from domain.ports import Clock, EventStore, Ids
from domain.tokens import Claims, Tokens
from domain.visitor.commands import Identify, SeeDevice, ViewPage
from domain.visitor.events import DeviceSeen
from domain.visitor.state import Visitor

_logger = logging.getLogger("parley.doors")

MAX_SECRET = 256


class Passed(Struct, frozen=True):
    """A page that was left before anybody was told of it.

    ``id`` is the browser's own, as a command's: told twice it is one page.
    """

    id: UUID
    page: Page


class VisitorRequest(Struct, frozen=True):
    """What a widget asks with. ``resume`` is the renewal secret that an earlier answer gave.

    ``pages`` are those before ``page``, in their order: the first of a visit says where it comes
    from. ``locale`` is the language of the page; without it the browser's counts.
    """

    site: Annotated[str, Meta(min_length=1, max_length=128)]
    resume: Annotated[str, Meta(max_length=MAX_SECRET)] | None = None
    identity: Identity | None = None
    page: Page | None = None
    pages: Annotated[tuple[Passed, ...], Meta(max_length=MAX_PASSED)] = ()
    locale: Annotated[str, Meta(max_length=64)] | None = None


class Place(Struct, frozen=True):
    """Where a conversation stands: its last version and the mark there."""

    id: str
    version: int
    version_mark: str


class Host(Struct, frozen=True):
    """The agent who asks."""

    id: str
    name: str | None


class Asked(Struct, frozen=True):
    """An agent's invitation that the visitor has not answered."""

    invitation: str
    text: str
    agent: Host


class VisitorSession(Struct, frozen=True):
    """What a visitor got. ``conversation`` is the open one, else the last, else None."""

    token: str
    visitor: str
    resume: str
    conversation: Place | None
    invitation: Asked | None
    expires_at: datetime
    site_name: str


class VisitorDoor:
    """Lets visitors in."""

    def __init__(  # noqa: PLR0913  # the parts that meet here, named
        self,
        *,
        store: EventStore,
        handler: CommandHandler,
        clock: Clock,
        ids: Ids,
        states: States,
        tenants: Tenants,
        tokens: Tokens,
        renewals: Renewals,
        identities: Identities,
        sightings: Sightings,
        settings: DoorSettings,
    ) -> None:
        self._store = store
        self._handler = handler
        self._clock = clock
        self._ids = ids
        self._states = states
        self._tenants = tenants
        self._tokens = tokens
        self._renewals = renewals
        self._identities = identities
        self._sightings = sightings
        self._settings = settings

    async def open(
        self,
        request: VisitorRequest,
        origin: str | None,
        trace: str | None = None,
        came: Came = UNSEEN,
    ) -> VisitorSession:
        """A session for a visitor. ``trace`` is the context of the request, if it is recorded.

        Raises :class:`Refused`: ``not_found`` (the site), ``origin_not_allowed``,
        ``bad_request``, and those of a wrong identity.
        """
        site = await self._tenants.site(request.site)
        if site is None:
            raise Refused("not_found", "There is no such site.")
        if not origin_allowed(site.added.origins, origin):
            raise Refused("origin_not_allowed")
        for page in (*(each.page for each in request.pages), request.page):
            if page is not None:
                check_page(page)
        visitor, offer = await self._recognise(site, request, trace)
        await self._note(site, visitor, request, came, trace)
        session = await self._session(site, visitor, offer.text)
        if request.identity is None:
            await self._renewals.give(offer)
        else:
            await self._identities.exchange(site, request.identity, offer.new)
        return session

    # --- who it is ----------------------------------------------------------------------------

    async def _recognise(
        self, site: Site, request: VisitorRequest, trace: str | None
    ) -> tuple[str, Offer]:
        """The visitor's id, and the renewal secret to answer with, which is not known yet."""
        identity, key = request.identity, ""
        if identity is not None:
            key = await self._identities.check(site, identity)
        held = await self._resumed(site, request.resume)
        if identity is not None:
            visitor = await self._identified(site, identity.user, key, held, trace)
        else:
            visitor = held.secret.subject if held else str(self._ids.uuid())
        if held is not None and held.secret.subject == visitor:
            return visitor, self._renewals.kept(held)
        return visitor, self._renewals.fresh(VISITOR, site.log, visitor)

    async def _resumed(self, site: Site, resume: str | None) -> Held | None:
        """What a resume secret says, if it is good here and its visitor was not erased."""
        held = await self._renewals.use(VISITOR, resume)
        if held is None or held.renewal.log != site.log:
            return None
        return None if (await self._visitor(site, held.secret.subject)).erased else held

    async def _identified(
        self, site: Site, user: str, key: str, held: Held | None, trace: str | None
    ) -> str:
        """The visitor of this user: the one it is already, else the one that it becomes now.

        Of two nodes that meet the user at once, one's command comes first; the other is refused
        and reads who it is.
        """
        command = self._ids.uuid()
        for _ in range(self._settings.identify_attempts):
            known = await self._known(site, key)
            if known is not None:
                return known
            visitor = await self._becomes(site, user, held)
            try:
                await self._submit(site, visitor, Identify(command, user, key), trace)
                return visitor
            except Refused as refused:
                if refused.code not in {"exists", "not_allowed", "erased"}:
                    raise
                held = None
        raise Refused("busy", retry_after_ms=500)

    async def _known(self, site: Site, key: str) -> str | None:
        entry = await self._states.refresh(site.log, streams.identity(key))
        binding: Binding = entry.state
        if binding.visitor is None or (await self._visitor(site, binding.visitor)).erased:
            return None
        return binding.visitor

    async def _becomes(self, site: Site, user: str, held: Held | None) -> str:
        """Who becomes the user: the visitor at hand, if nobody ever said who it is."""
        if held is not None:
            visitor = held.secret.subject
            if (await self._visitor(site, visitor)).user in {None, user}:
                return visitor
        return str(self._ids.uuid())

    # --- what it gets -------------------------------------------------------------------------

    async def _note(
        self, site: Site, visitor: str, request: VisitorRequest, came: Came, trace: str | None
    ) -> None:
        """Note the pages, and how the visitor comes where that has changed: in one batch."""
        noted: list[ViewPage | SeeDevice] = []
        seen = await self._sightings.see(came, request.locale)
        if seen not in {DeviceSeen(), (await self._visitor(site, visitor)).device}:
            noted.append(SeeDevice(self._ids.uuid(), seen))
        noted += [ViewPage(each.id, each.page) for each in request.pages]
        now = None if request.page is None else ViewPage(self._ids.uuid(), request.page)
        noted += [] if now is None else [now]
        sender = await self._sender(site, visitor)
        # Handed over in one go: so they stand in the log in this order.
        commands = [self._handler.submit(sender, each, trace) for each in noted]
        outcomes = await asyncio.gather(*commands, return_exceptions=True)
        for command, outcome in zip(noted, outcomes, strict=True):
            if isinstance(outcome, BaseException) and command is now:
                raise outcome
            if isinstance(outcome, BaseException):
                _logger.warning("how a visitor comes could not be noted: %s", outcome)

    async def _session(self, site: Site, visitor: str, resume: str) -> VisitorSession:
        expires_at = int(self._clock.now()) + self._settings.visitor_token_s
        claims = Claims(site.log, VISITOR, visitor, expires_at, site.added.site)
        return VisitorSession(
            token=self._tokens.issue(claims),
            visitor=visitor,
            resume=resume,
            conversation=await self._conversation(site, visitor),
            invitation=await self._invitation(site, visitor),
            expires_at=datetime.fromtimestamp(expires_at, UTC),
            site_name=site.added.name,
        )

    async def _conversation(self, site: Site, visitor: str) -> Place | None:
        state = await self._visitor(site, visitor)
        name = state.open or state.last
        if name is None:
            return None
        (head,) = await self._store.stream_heads(site.log, [(streams.conversation(name), 0)])
        return Place(name, head.number, mark(head.hash))

    async def _invitation(self, site: Site, visitor: str) -> Asked | None:
        asked = (await self._visitor(site, visitor)).invitation
        if asked is None:
            return None
        entry = await self._states.refresh(site.log, streams.agent(asked.agent))
        return Asked(asked.id, asked.text, Host(asked.agent, entry.state.name))

    async def _submit(self, site: Site, visitor: str, command: Identify, trace: str | None) -> None:
        await self._handler.submit(await self._sender(site, visitor), command, trace)

    async def _sender(self, site: Site, visitor: str) -> Sender:
        user = (await self._visitor(site, visitor)).user
        return Sender(site.log, Actor(VISITOR, visitor, user), site=site.added.site)

    async def _visitor(self, site: Site, visitor: str) -> Visitor:
        entry = await self._states.refresh(site.log, streams.visitor(visitor))
        state: Visitor = entry.state
        return state
