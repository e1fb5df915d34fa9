"""The tenants of the set: what sort of companies they are, where, and when they are open.

They are made up. Sizes fall as in life: the second is about half of the first, and so on (Zipf).
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from msgspec import Struct

from domain.tenant.events import Shifts
from ops.dataset.words.chinese import CHINESE
from ops.dataset.words.english import ENGLISH
from ops.dataset.words.language import Language

DEPARTMENTS = ("support", "sales", "billing", "technical")
"""The departments of every tenant, the busiest first; topics name them."""

SIZE_EXPONENT = 0.9
"""The n-th tenant has 1/n to this power of the first one's conversations."""


class Site(Struct, frozen=True):
    """A web site: its name and the origin of its pages."""

    name: str
    origin: str


class Profile(Struct, frozen=True):
    """A tenant. ``open`` is, for Monday to Sunday, from which hour to which; None: closed.

    ``chinese`` and ``bot`` are shares: of Chinese conversations, of those that a bot meets first.
    """

    slug: str
    company: str
    zone: str
    chinese: float
    bot: float
    sites: tuple[Site, ...]
    open: tuple[tuple[int, int] | None, ...]

    @property
    def tz(self) -> ZoneInfo:
        """The zone's rules."""
        return ZoneInfo(self.zone)

    @property
    def week(self) -> tuple[Shifts, ...]:
        """When it is open, as a log has it."""
        minutes = 60
        return tuple(
            () if each is None else ((each[0] * minutes, each[1] * minutes),) for each in self.open
        )

    @property
    def languages(self) -> tuple[Language, Language]:
        """The main language and the other one."""
        return (CHINESE, ENGLISH) if self.chinese > 0.5 else (ENGLISH, CHINESE)  # noqa: PLR2004  # half


def _profile(  # noqa: PLR0913  # a row of the table below
    slug: str,
    company: str,
    zone: str,
    *,
    chinese: float,
    bot: float,
    sites: tuple[str, ...],
    week: tuple[int, int],
    weekend: tuple[int, int] | None,
) -> Profile:
    named = tuple(Site(f"{company} {host}", f"https://{host}") for host in sites)
    return Profile(slug, company, zone, chinese, bot, named, (*(week,) * 5, weekend, weekend))


PROFILES = (
    _profile(
        "yunju",
        "云居",
        "Asia/Shanghai",
        chinese=0.96,
        bot=0.6,
        sites=("www.yunju.example", "m.yunju.example", "outlet.yunju.example"),
        week=(8, 23),
        weekend=(9, 23),
    ),
    _profile(
        "northfold",
        "Northfold",
        "America/New_York",
        chinese=0.01,
        bot=0.5,
        sites=("www.northfold.example", "shop.northfold.example"),
        week=(8, 21),
        weekend=(10, 18),
    ),
    _profile(
        "harbour",
        "Harbour Row",
        "Asia/Hong_Kong",
        chinese=0.62,
        bot=0.35,
        sites=("www.harbour-row.example", "gifts.harbour-row.example"),
        week=(9, 20),
        weekend=(10, 18),
    ),
    _profile(
        "halden",
        "Halden & Rye",
        "Europe/London",
        chinese=0.02,
        bot=0.3,
        sites=("www.halden-rye.example", "trade.halden-rye.example"),
        week=(8, 20),
        weekend=(9, 17),
    ),
    _profile(
        "werkhof",
        "Werkhof",
        "Europe/Berlin",
        chinese=0.02,
        bot=0.45,
        sites=("www.werkhof.example",),
        week=(8, 18),
        weekend=None,
    ),
    _profile(
        "merlion",
        "Merlion Living",
        "Asia/Singapore",
        chinese=0.38,
        bot=0.4,
        sites=("www.merlion-living.example",),
        week=(9, 21),
        weekend=(10, 19),
    ),
    _profile(
        "qingshan",
        "青山",
        "Asia/Taipei",
        chinese=0.93,
        bot=0.2,
        sites=("www.qingshan.example",),
        week=(9, 19),
        weekend=(10, 17),
    ),
    _profile(
        "coogee",
        "Coogee Supply",
        "Australia/Sydney",
        chinese=0.04,
        bot=0.0,
        sites=("www.coogee-supply.example",),
        week=(9, 17),
        weekend=None,
    ),
)
