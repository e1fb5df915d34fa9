"""Where visitors come from, and which pages they look at."""

from __future__ import annotations

from msgspec import Struct

from domain.conversation.events import Page
from ops.dataset.drawing import Dice, Weighted

GOALS = {
    "Checkout done": "/checkout/done",
    "Newsletter subscribed": "/newsletter/thanks",
    "Appointment booked": "/appointment/booked",
}
"""The goals of every tenant, by name: pages, the most frequent first."""

ARTICLES = 400
"""So many product pages a site has, the first the most visited."""

_SECTIONS = ("lighting", "furniture", "kitchen", "travel", "textiles", "garden", "office", "sale")
_REACHED = tuple(GOALS.values())
_OTHERS = ("/", "/cart", "/shipping", "/returns", "/contact", "/account/orders", "/stores")
_ARTICLES = tuple(
    f"/{_SECTIONS[n * 5 % len(_SECTIONS)]}/{1000 + n * 37 % 9000}" for n in range(ARTICLES)
)


class Source(Struct, frozen=True):
    """A way to the site: what its first page then has as referrer and in its address."""

    name: str
    referrer: str | None
    query: str


SOURCES = (
    Source("google", "https://www.google.com/", "utm_source=google&utm_medium=cpc"),
    Source("direct", None, ""),
    Source("google organic", "https://www.google.com/", ""),
    Source("newsletter", None, "utm_source=newsletter&utm_medium=email"),
    Source("bing", "https://www.bing.com/", "utm_source=bing&utm_medium=cpc"),
    Source("instagram", "https://l.instagram.com/", "utm_source=instagram&utm_medium=social"),
    Source("baidu", "https://www.baidu.com/link", "utm_source=baidu&utm_medium=cpc"),
    Source("partner", "https://deals.partner.example/", "utm_source=partner&utm_medium=referral"),
)
_WEST = Weighted([24, 26, 18, 14, 7, 7, 0.5, 3.5])
_CHINA = Weighted([3, 28, 2, 12, 7, 3, 41, 4])
_CAMPAIGNS = ("spring", "brand", "clearance", "winter", "singles-day", "retargeting")


def source_for(dice: Dice, *, chinese: bool) -> Source:
    """Where somebody comes from."""
    return SOURCES[dice.of(_CHINA if chinese else _WEST)]


def landing(dice: Dice, origin: str, source: Source) -> Page:
    """The first page of a visit."""
    path, query = _path(dice), source.query
    if query:
        query = f"?{query}&utm_campaign={dice.often(_CAMPAIGNS)}"
    return Page(f"{origin}{path}{query}", _title(path), source.referrer)


def further(dice: Dice, origin: str, before: Page) -> Page:
    """A page after another one."""
    path = _path(dice)
    return Page(f"{origin}{path}", _title(path), before.url)


def goal(dice: Dice, origin: str) -> Page:
    """The page that says that something was reached."""
    path = dice.often(_REACHED)
    return Page(f"{origin}{path}", _title(path), f"{origin}/cart")


def _path(dice: Dice) -> str:
    return dice.often(_ARTICLES if dice.chance(0.7) else _OTHERS)


def _title(path: str) -> str:
    return path.strip("/").replace("/", " ").replace("-", " ").title() or "Home"
