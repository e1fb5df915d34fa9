"""What can be asked of a visitor."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from domain.conversation.events import Page


class ViewPage(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="page"):
    """The visitor looks at a page."""

    id: UUID
    page: Page


class Identify(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="identify"):
    """The site vouches that this visitor is its user. Comes by HTTP, signed, never by a socket.

    ``key`` is the keyed digest under which the user's identity stream lies.
    """

    id: UUID
    user: str
    key: str
