"""What sending needs of the outside, as roles: the rows of what is due, and who can be asked.

``adapters.postgres`` and ``adapters.webhooks`` implement them; the tests have twins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol
from uuid import UUID

from msgspec import Struct

State = Literal["waiting", "delivered", "dead"]

Hook = tuple[UUID, str]
"""A webhook: its tenant's log, and its id there."""


class Line(Struct, frozen=True):
    """The deliveries of one conversation (its stream) to one webhook: one after the other."""

    log: UUID
    webhook: str
    stream: str

    @property
    def hook(self) -> Hook:
        """Whose line it is."""
        return self.log, self.webhook


class Delivery(Struct, frozen=True):
    """An event on its way to a webhook. Times are seconds since 1970.

    ``since``: since when it waits. ``status`` and ``error`` are of the last attempt: the answer's
    HTTP status, or a word for why there was none. ``settled_at``: when it was delivered or given
    up; None while it waits.
    """

    line: Line
    position: int
    event: UUID
    type: str
    since: float
    state: State = "waiting"
    attempts: int = 0
    first_at: float | None = None
    last_at: float | None = None
    status: int | None = None
    error: str | None = None
    settled_at: float | None = None


class Claim(Struct, frozen=True):
    """The first delivery of a line, and the lease under which nobody else works on that line.

    ``until``: when the lease ends by itself.
    """

    delivery: Delivery
    lease: UUID
    until: float


class Wanted(Struct, frozen=True):
    """How much work somebody takes: so many lines, of each webhook so many, less the ``busy``.

    ``now`` is the present, ``until`` the end of the lease, ``lease`` its name.
    """

    now: float
    until: float
    lease: UUID
    lines: int
    lines_of_webhook: int
    busy: Mapping[Hook, int] = {}


class Sought(Struct, frozen=True):
    """Which deliveries somebody wants to see: what is None is not asked for."""

    webhook: str | None = None
    stream: str | None = None
    state: State | None = None
    event: UUID | None = None


class Deliveries(Protocol):
    """The rows of what is due. Every method raises StoreUnavailable while the store is away."""

    async def claim(self, line: Line, wanted: Wanted) -> Claim | None:
        """Take one line, if something in it is due and nobody has it."""

    async def claim_due(self, wanted: Wanted) -> list[Claim]:
        """Take lines in which something is due, of every webhook some."""

    async def settle(self, claim: Claim, after: Delivery, until: float) -> Claim | None:
        """Note what became of a delivery, and take the next one of its line until then.

        None: nothing waits there any more, or the lease was lost and nothing was noted.
        """

    async def postpone(self, claim: Claim, after: Delivery, due_at: float) -> None:
        """Note an attempt, or none, and give the line back: it is due at that time."""

    async def find(
        self, log: UUID, sought: Sought, before: int | None, limit: int
    ) -> list[Delivery]:
        """Deliveries at positions below ``before``, the newest first.

        A page ends with a whole position, so it may be longer than ``limit``.
        """

    async def send_again(
        self, log: UUID, webhook: str, positions: Sequence[int], now: float
    ) -> int:
        """Let settled deliveries wait anew, as if never tried; how many there were."""

    async def sweep(self, delivered_before: float, dead_before: float, limit: int) -> int:
        """Delete what was settled before these times, at most so many; how many there were."""

    async def due(self, now: float) -> int:
        """In how many lines something is due that nobody works on."""


class Answer(Struct, frozen=True):
    """What a receiver answered. ``body`` is its beginning, ``took_s`` how long it took."""

    status: int
    body: bytes
    took_s: float
    retry_after_s: float | None = None


class NoAnswer(Exception):
    """No whole answer came. ``code`` is one of ``NO_ANSWER``."""

    def __init__(self, code: str) -> None:
        assert code in NO_ANSWER, code
        self.code = code
        super().__init__(NO_ANSWER[code])


NO_ANSWER: dict[str, str] = {
    "no_address": "The host's name leads nowhere.",
    "forbidden_address": "The host's address is one that webhooks may not be sent to.",
    "no_connection": "Nobody takes the connection.",
    "bad_tls": "TLS fails: the certificate is not the host's, not trusted, or none.",
    "timeout": "No whole answer came in time.",
    "broken": "The connection broke before a whole answer had come, or it was not HTTP.",
}
"""Why there is no answer: stable words, and what they mean."""


class Post(Protocol):
    """Asks a receiver."""

    async def __call__(
        self, url: str, headers: Mapping[str, str], body: bytes, within_s: float
    ) -> Answer:
        """POST a body. Follows no redirect, and ends after ``within_s``. Raises NoAnswer."""
