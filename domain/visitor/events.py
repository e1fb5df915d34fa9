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
