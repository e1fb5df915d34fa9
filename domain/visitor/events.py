"""What can have happened to a visitor."""

from __future__ import annotations

from msgspec import Struct

from domain.conversation.events import Page


class VisitorIdentified(Struct, frozen=True):
    """The customer's back end vouched for who this is."""

    user: str


class PageViewed(Struct, frozen=True, omit_defaults=True):
    """The visitor looked at a page of the site of this id."""

    page: Page
    site: str | None = None


class VisitorIntroduced(Struct, frozen=True, omit_defaults=True):
    """Something became known of the visitor, by its own word or an agent's.

    Fields that are None stay as they were; an empty text takes away what was known.
    """

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    attributes: dict[str, str] = {}


class VisitorGreeted(Struct, frozen=True):
    """A welcome rule spoke to the visitor: its text as it was shown."""

    rule: str
    text: str


class VisitorInvited(Struct, frozen=True):
    """An agent asked the visitor whether it wants to talk. ``invitation`` is the command's id."""

    invitation: str
    text: str


class DeviceSeen(Struct, frozen=True, omit_defaults=True):
    """With what, and from where, the visitor comes, as far as that can be told.

    ``device``: ``desktop``, ``mobile``, ``tablet``, ``bot`` or another word; ``language`` a tag;
    ``country`` an ISO 3166 code; ``region`` and ``city`` by their English names; ``address`` of the
    network.
    """

    browser: str | None = None
    browser_version: str | None = None
    os: str | None = None
    os_version: str | None = None
    device: str | None = None
    language: str | None = None
    country: str | None = None
    region: str | None = None
    city: str | None = None
    address: str | None = None


class ConversationOpened(Struct, frozen=True):
    """This conversation became the visitor's open one (begun or reopened)."""

    conversation: str


class ConversationEnded(Struct, frozen=True):
    """The visitor's open conversation was closed."""

    conversation: str


class IdentityBound(Struct, frozen=True):
    """The first event of an identity's stream: this user is this visitor, from now on."""

    visitor: str


class VisitorErased(Struct, frozen=True):
    """The visitor's data was erased."""
