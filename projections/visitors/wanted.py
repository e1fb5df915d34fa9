"""Whether a visitor is one of those who are looked for. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from domain.conversation.events import Page
from domain.visitor.events import DeviceSeen, VisitorIntroduced
from domain.visitor.source import Source
from projections.visitors.rows import Label, PageRow, View

_PARTS = frozenset({"q", "page", "source"})
"""What is looked for as a part of a text; all else is the whole of it."""

_FILTERS = ("q", "country", "site", "source", "page", "device")

_Texts = Sequence[str | None]


class Sought(Protocol):
    """Whom a list is limited to; None is no limit.

    ``q``: part of what is known of it: name, addresses, attributes, place, page. ``source`` is
    part of the name or the medium of where its visit comes from, ``page`` part of the page's
    address, ``device`` a kind of device. All in any case.
    """

    @property
    def q(self) -> str | None: ...

    @property
    def country(self) -> str | None: ...

    @property
    def site(self) -> str | None: ...

    @property
    def source(self) -> str | None: ...

    @property
    def page(self) -> str | None: ...

    @property
    def device(self) -> str | None: ...


class Wanted:
    """What is looked for, in the form in which it is compared."""

    def __init__(self, sought: Sought) -> None:
        given = {name: getattr(sought, name) for name in _FILTERS}
        self._given = {name: text.casefold() for name, text in given.items() if text is not None}

    @property
    def anything(self) -> bool:
        """Whether something is looked for at all."""
        return bool(self._given)

    def fits(self, label: Label, page: PageRow | None) -> bool:
        """Whether a visitor is one of those, by what is known of it and the page that it sees."""
        if not self._given:
            return True
        told = _told(label, page)
        return all(_found(name, text, told[name]) for name, text in self._given.items())


def _found(name: str, text: str, told: _Texts) -> bool:
    said = [each.casefold() for each in told if each]
    return any(text in each for each in said) if name in _PARTS else text in said


def _told(label: Label, page: PageRow | None) -> Mapping[str, _Texts]:
    """What of a visitor each filter looks at."""
    device = label.device or DeviceSeen()
    source = Source("") if label.visit is None else label.visit.source
    view = View(Page("")) if page is None or page.view is None else page.view
    return {
        "q": [*_said(label), view.page.url, view.page.title],
        "country": [device.country],
        "device": [device.device],
        "site": [view.site],
        "source": [source.medium, source.name],
        "page": [view.page.url],
    }


def _said(label: Label) -> _Texts:
    """Who a visitor is, and where."""
    known, device = label.known or VisitorIntroduced(), label.device or DeviceSeen()
    who = [label.user, known.name, known.email, known.phone, *known.attributes.values()]
    return [*who, device.city, device.region, device.address]
