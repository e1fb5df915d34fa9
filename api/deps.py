"""Everything that the API is given: ports, doors, views, probes and settings.

Nothing here is made here. ``ops`` fills it in; tests fill it with doubles.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol
from uuid import UUID

from msgspec import Struct
from starlette.types import ASGIApp

from domain.access import Rights
from domain.handling.doors import Doors
from domain.handling.file_reading import FileReader
from domain.handling.files import Files
from domain.handling.staff import Staff
from domain.handling.states import States
from domain.handling.tenant_settings import TenantSettings
from domain.moments import Moment
from domain.ports import Clock, EventStore
from domain.presence import Presences
from domain.rate_limits import Rate, RateLimits
from domain.telemetry import NO_TELEMETRY, Telemetry
from projections.analytics.answers import Answer, Standing
from projections.analytics.asking import Question
from projections.exports.pieces import Source

Probe = Callable[[], Awaitable[str | None]]
"""Looks after one part: None when it is well, else a short reason without secrets or addresses."""

Exposition = Callable[[str], tuple[bytes, str]]
"""Writes this process's figures in a form that this ``Accept`` header asks for: text and media
type."""

_SESSIONS = Rate("sessions", 20.0, 400)
_SIGN_IN_FAILURES = Rate("sign-in", 10 / 60, 10)
_OF_ADDRESS = Rate("sign-in of an address", 0.5, 60)
_OF_ACCOUNT = Rate("sign-in of an account", 1.0, 1_000)
_BAD_API_KEYS = Rate("bad API keys", 1.0, 100)
_READS = Rate("reads", 50.0, 1_000)
_CHUNKS = Rate("chunks", 50.0, 500)
_CHANGES = Rate("changes", 5.0, 200)
_SITES = Rate("looks at sites", 50.0, 1_000)


@dataclass(frozen=True)
class ApiSettings:
    """Limits and manners of the API."""

    body_bytes: int = 128 * 1024
    """Bytes of a request's body. 128 KiB: as much as a socket's frame, many times any real one."""

    body_timeout_s: float = 10.0
    """Seconds in which a body must have come. 10: a phone on a bad line, not an idle attacker."""

    min_position_wait_s: float = 2.0
    """Seconds that ``min_position`` waits for a view: part of the contract."""

    probe_timeout_s: float = 2.0
    """Seconds until a part that does not answer ``/api/healthz`` counts as ill."""

    heartbeat_s: int = 25
    """Seconds between a socket's pings, told to widgets; the sockets' own setting."""

    public_url: str = ""
    """Scheme and host under which clients reach this server, such as ``https://chat.example``.
    Empty: as each request says."""

    limits_enabled: bool = True
    """Whether the limits of rate hold; those of size and time always do. Off for load tests."""

    sessions: Rate = _SESSIONS
    """Sessions that one network address opens, renews or ends, and pages that it tells of with
    them. 20 a second, 400 at once: an office that comes back."""

    sign_in_failures: Rate = _SIGN_IN_FAILURES
    """Failed sign-ins for one account from one network address. 10 a minute: slower than any
    guessing is worth, more than anybody mistypes."""

    sign_in_failures_of_address: Rate = _OF_ADDRESS
    """Failed sign-ins of one network address, whatever the account: an office mistypes more."""

    sign_in_failures_of_account: Rate = _OF_ACCOUNT
    """Failed sign-ins for one account from anywhere: so many that nobody locks another out from a
    few addresses, so few that many addresses guess nothing."""

    bad_api_keys: Rate = _BAD_API_KEYS
    """API keys that are none, from one network address: each is looked for in the store. As many
    good ones may be looked at at once."""

    exports: int = field(default=2, metadata={"least": 0})
    """Exports that one process answers at once: each keeps a good part of a core busy, which chat
    needs too. 0: none, where they are made by the command line only."""

    export_stall_s: float = 60.0
    """Seconds after which an export ends whose client takes nothing; it would keep its place."""

    reads: Rate = _READS
    """Lists and histories that one caller reads. 50 a second, 1,000 at once: a desk that loads all
    its conversations anew."""

    chunks: Rate = _CHUNKS
    """Requests by which one caller sends files. 50 a second, 500 at once: several files beside each
    other on a fast line."""

    changes: Rate = _CHANGES
    """Changes of settings and agents that one caller asks for. 5 a second, 200 at once: a file of
    settings that is brought in, and no loop gone wild."""

    sites: Rate = _SITES
    """Looks at what a site's widget is like, from one network address. 50 a second, 1,000 at once:
    an office on a page that many open; browsers keep the answer for a minute."""


class SessionFilters(Struct, frozen=True):
    """Which conversations are asked for; None: any.

    ``assignee`` is an agent's id or ``none``, ``visitor`` a visitor's; ``q`` is looked for in what
    the view can search. ``waiting``: nobody serves it; ``missed``: nobody has answered in time.
    """

    status: str | None = None
    assignee: str | None = None
    department: str | None = None
    tag: str | None = None
    q: str | None = None
    visitor: str | None = None
    waiting: bool | None = None
    missed: bool | None = None


class SessionPage(Protocol):
    """A page of session views, all as of one position; attributes as in the API's answer."""

    @property
    def as_of(self) -> int:
        """The position that the views reflect."""

    @property
    def mark(self) -> str:
        """The mark there."""

    @property
    def items(self) -> Sequence[Any]:
        """The session views, most recent first."""

    @property
    def next(self) -> str | None:
        """The cursor of the next page, or None after the last."""

    @property
    def complete(self) -> bool:
        """Whether a search did not stop before it had looked at everything of this page."""


class SessionViews(Protocol):
    """The read model of sessions."""

    async def page(
        self,
        log: UUID,
        filters: SessionFilters,
        limit: int,
        cursor: str | None,
        rights: Rights | None,
    ) -> SessionPage:
        """A page of what these rights may read (None: everything).

        Raises :class:`~domain.errors.Refused` ``bad_request`` for a cursor that is none.
        """

    async def one(self, log: UUID, conversation: str) -> SessionPage | None:
        """The view of one conversation as a page of one; None when the view does not have it."""

    async def wait_for(self, log: UUID, position: int, timeout_s: float) -> bool:
        """Wait until the view reflects this position; False when it did not in time."""


class PastViews(Protocol):
    """Session views as they were."""

    async def one(self, log: UUID, conversation: str, moment: Moment) -> SessionPage | None:
        """One conversation's view at a moment; None where it has none.

        Raises :class:`~domain.errors.Refused` ``too_large``.
        """


class SearchFilters(Struct, frozen=True):
    """What a search is limited to; None: nothing. ``first`` and ``until`` are times in UTC.

    ``assignee`` is an agent's id or ``none``; ``sender`` a role.
    """

    assignee: str | None = None
    department: str | None = None
    tag: str | None = None
    source: str | None = None
    sender: str | None = None
    first: datetime | None = None
    until: datetime | None = None


class Searches(Protocol):
    """The index of what was written."""

    async def page(  # noqa: PLR0913, PLR0917  # what a search consists of
        self,
        log: UUID,
        q: str,
        filters: SearchFilters,
        limit: int,
        cursor: str | None,
        rights: Rights | None,
    ) -> Any:
        """A page of what these rights (None: all) may read; attributes as in the API's answer.

        Raises :class:`~domain.errors.Refused` ``bad_request`` for what cannot be searched for.
        """


class AgentViews(Protocol):
    """The read model of agents."""

    async def agents(self, log: UUID, agent: str | None = None) -> Sequence[Any]:
        """Every agent that may sign in, or that one.

        ``id``, ``name``, ``role``, ``status``, ``status_since``, ``reason``, ``load``.
        """

    async def times(self, log: UUID, agent: str, since: datetime, until: datetime) -> Any:
        """How an agent spent its time: ``as_of``, ``mark``, ``stretches`` and ``pieces``."""


class VisitorViews(Protocol):
    """The read model of visitors."""

    async def one(self, log: UUID, visitor: str) -> Any:
        """A profile: ``as_of``, ``mark``, ``row``, ``last``; None when the view has none."""

    async def path(self, log: UUID, visitor: str, limit: int, before: int | None = None) -> Any:
        """The last pages seen before a position: ``as_of``, ``mark``, ``items``, ``next``."""


class PresentFilters(Struct, frozen=True):
    """Which of the visitors who are there; None: any. ``q`` is looked for in what is known."""

    q: str | None = None
    country: str | None = None
    site: str | None = None
    source: str | None = None
    page: str | None = None
    device: str | None = None


class PresentViews(Protocol):
    """Who of those who are there is who."""

    async def page(  # noqa: PLR0913, PLR0917  # what a search consists of
        self,
        log: UUID,
        there: Collection[str],
        sought: PresentFilters,
        limit: int,
        cursor: str | None,
        rights: Rights | None,
    ) -> Any:
        """Those of ``there`` whom these rights (None: all) may know: a page.

        ``as_of``, ``mark``, ``items`` (each ``row``, ``page``, ``talk``), ``next``, ``present``.
        """


class VisitsNow(Protocol):
    """How many visits there are."""

    async def now(self, log: UUID) -> Any:
        """Of today: ``today``, ``last_hour``, ``by_hour``."""


class AuditQuery(Struct, frozen=True):
    """Which lines of the audit; None: any. ``since`` belongs to it, ``until`` does not."""

    kind: Literal["change", "login"] | None = None
    actor: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class AuditPage(Protocol):
    """A page of the audit's lines, all as of one position."""

    @property
    def as_of(self) -> int:
        """The position that it reflects."""

    @property
    def mark(self) -> str:
        """The mark there."""

    @property
    def items(self) -> Sequence[Any]:
        """The lines, the newest first."""

    @property
    def next(self) -> int | None:
        """The position before which the next page lies, or None after the last."""


class AuditViews(Protocol):
    """The read model of the audit."""

    async def page(
        self, log: UUID, filters: AuditQuery, limit: int, before: int | None = None
    ) -> AuditPage:
        """The newest lines before a position (None: of all)."""


class Analytics(Protocol):
    """The reports."""

    async def standing(self, log: UUID) -> Standing:
        """How far the facts are that they are counted from."""

    async def report(self, log: UUID, question: Question) -> Answer:
        """The answer to a question.

        Raises :class:`~domain.errors.Refused`: ``bad_request``, ``report_too_large``,
        ``not_caught_up``.
        """

    async def wait_for(self, log: UUID, position: int, timeout_s: float) -> bool:
        """Wait until the facts reflect this position; False when they did not in time."""


@dataclass
class Exporting:
    """How many exports this process answers right ``now``."""

    now: int = 0


@dataclass
class Receiving:
    """How many chunks of files are on their way into this process ``now``."""

    now: int = 0


@dataclass(frozen=True)
class Deps:
    """What the API stands on.

    ``states`` are the process's own, refreshed before each use here. ``ready`` says whether this
    node can serve chat now. ``probes`` are by the names in ``/api/healthz``. ``asyncapi`` makes the
    contract of sockets and broker, which knows rooms that the API does not. ``web`` is the folder
    of the built web files. ``demo_site`` is the id of the site that ``/demo`` shows, if there is
    one by then. ``configured`` and ``staff`` show and change what tenants set up.
    """

    doors: Doors
    store: EventStore
    sessions: SessionViews
    past: PastViews
    agents: AgentViews
    visitors: VisitorViews
    present: PresentViews
    visits: VisitsNow
    audit: AuditViews
    search: Searches
    analytics: Analytics
    exports: Source
    files: Files
    file_reader: FileReader
    limits: RateLimits
    presences: Presences
    states: States
    clock: Clock
    ready: Callable[[], bool]
    probes: Mapping[str, Probe]
    visitor_socket: ASGIApp
    agent_socket: ASGIApp
    asyncapi: Callable[[], bytes]
    web: Path
    version: str
    exposition: Exposition
    configured: TenantSettings
    staff: Staff
    demo_site: Callable[[], str | None] = lambda: None
    settings: ApiSettings = field(default_factory=ApiSettings)
    exporting: Exporting = field(default_factory=Exporting)
    receiving: Receiving = field(default_factory=Receiving)
    telemetry: Telemetry = NO_TELEMETRY
