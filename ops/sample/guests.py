"""Who comes to the shop: names, browsers, places, and the ways by which people find it."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from domain.conversation.events import Page
from domain.visitor.events import DeviceSeen
from ops.dataset.drawing import Dice
from ops.sample.company import ORIGIN


class Guest(Struct, frozen=True):
    """A visitor. ``name`` and ``email`` are None of one who says neither."""

    id: str
    name: str | None
    email: str | None
    device: DeviceSeen
    language: str
    referrer: str | None
    query: str

    def page(self, path: str, title: str, *, first: bool) -> Page:
        """A page as its browser reports it: only the first says where it came from."""
        if first:
            return Page(f"{ORIGIN}{path}{self.query}", title, self.referrer)
        return Page(f"{ORIGIN}{path}", title)


_NAMES: Final = {
    "en": (
        ("Emma", "Oliver", "Amelia", "Jack", "Isla", "Harry", "Sophie", "George", "Grace", "Leo"),
        ("Clarke", "Hughes", "Shaw", "Thornton", "Bennett", "Doyle", "Walsh", "Pearce", "Lane"),
    ),
    "de": (
        ("Lena", "Jonas", "Klara", "Felix", "Marie", "Paul"),
        ("Hofer", "Brandt", "Steiner", "Baumann", "Winkler"),
    ),
    "zh": (("林", "王", "陈", "张", "李"), ("晓", "思远", "雨桐", "伟", "静怡")),
}
"""First and last names; Chinese ones the other way round, without a space."""

_PLACES: Final = {
    "en": (
        ("GB", "England", "London"), ("GB", "England", "Bristol"), ("GB", "Scotland", "Edinburgh"),
        ("GB", "Wales", "Cardiff"), ("IE", "Leinster", "Dublin"),
        ("US", "New York", "New York"), ("US", "Oregon", "Portland"),
        ("CA", "Ontario", "Toronto"), ("NL", "North Holland", "Amsterdam"),
    ),
    "de": (("DE", "Berlin", "Berlin"), ("AT", "Styria", "Graz"), ("CH", "Zurich", "Zurich")),
    "zh": (("CN", "Shanghai", "Shanghai"), ("SG", None, "Singapore"), ("TW", "Taipei", "Taipei")),
}  # fmt: skip

_MACHINES: Final = (
    ("Chrome", "142", "Windows", "11", "desktop"),
    ("Safari", "26", "macOS", "26", "desktop"),
    ("Firefox", "145", "Linux", None, "desktop"),
    ("Edge", "142", "Windows", "11", "desktop"),
    ("Mobile Safari", "26", "iOS", "26", "mobile"),
    ("Mobile Safari", "26", "iOS", "26", "mobile"),
    ("Chrome Mobile", "142", "Android", "16", "mobile"),
    ("Mobile Safari", "26", "iPadOS", "26", "tablet"),
)

_WAYS: Final = (
    ("https://www.google.com/", ""),
    ("https://www.google.com/", ""),
    ("https://www.bing.com/", ""),
    ("https://www.instagram.com/", ""),
    (None, ""),
    (None, ""),
    (None, "?utm_source=newsletter&utm_medium=email&utm_campaign=autumn-inks"),
    ("https://www.penaddict.example/reviews/harbour", ""),
)

BROWSED: Final = (
    ("/", "Halden & Rye"),
    ("/notebooks", "Notebooks"),
    ("/notebooks/field", "Field notebook"),
    ("/inks", "Inks"),
    ("/inks/harbour", "Harbour ink"),
    ("/pens/brass", "Brass pocket pen"),
    ("/workshop", "The workshop"),
    ("/help/delivery", "Delivery"),
)
"""Pages that people look at before, after and without talking."""


def guest(dice: Dice, at: int, language: str) -> Guest:
    """Somebody who reads this language, and arrives at this time."""
    country, region, city = dice.one_of(_PLACES[language])
    browser, version, system, release, kind = dice.one_of(_MACHINES)
    referrer, query = dice.one_of(_WAYS)
    name = _name(dice, language) if dice.chance(0.7) else None
    device = DeviceSeen(
        browser, version, system, release, kind, language, country, region, city, _address(dice)
    )
    email = f"{_mailbox(name, dice)}@mail.example" if name and dice.chance(0.6) else None
    return Guest(str(dice.uuid(at)), name, email, device, language, referrer, query)


def _name(dice: Dice, language: str) -> str:
    first, last = map(dice.one_of, _NAMES[language])
    return f"{first}{last}" if language == "zh" else f"{first} {last}"


def _address(dice: Dice) -> str:
    """An address that is nobody's: the networks for documentation (RFC 5737)."""
    return f"{dice.one_of(('192.0.2', '198.51.100', '203.0.113'))}.{dice.number(1, 254)}"


def _mailbox(name: str, dice: Dice) -> str:
    plain = name.casefold().replace(" ", ".")
    return plain if plain.isascii() else f"reader{dice.number(100, 999)}"
