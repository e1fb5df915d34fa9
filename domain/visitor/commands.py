"""What can be asked of a visitor."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from domain.conversation.events import Body, Page
from domain.limits import (
    MAX_ATTRIBUTE,
    MAX_ATTRIBUTE_VALUE,
    MAX_ATTRIBUTES,
    MAX_EMAIL,
    MAX_NAME,
    MAX_PHONE,
    MAX_REFERENCE,
    MAX_TEXT,
)
from domain.visitor.events import DeviceSeen

PRINTED = r"^[^\x00-\x1f\x7f]*$(?!\n)"
"""No control characters. Joiners and marks of direction are part of people's names, and phones put
some around numbers: who shows a name keeps it apart from what stands beside it."""

Name = Annotated[str, Meta(max_length=MAX_NAME, pattern=PRINTED)]
Email = Annotated[str, Meta(max_length=MAX_EMAIL, pattern=r"^([^@\s]+@[^@\s]+)?$(?!\n)")]
"""An e-mail address, or nothing. Whether anybody reads it only a letter can tell."""
Phone = Annotated[str, Meta(max_length=MAX_PHONE, pattern=PRINTED)]
Attribute = Annotated[str, Meta(min_length=1, max_length=MAX_ATTRIBUTE)]
Value = Annotated[str, Meta(max_length=MAX_ATTRIBUTE_VALUE)]
Attributes = Annotated[dict[Attribute, Value], Meta(max_length=MAX_ATTRIBUTES)]


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


class Introduce(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="introduce"):
    """Say who a visitor is: itself, or an agent of the ``visitor`` named.

    What is None stays as it was; an empty text takes away what was known.
    """

    id: UUID
    visitor: UUID | None = None
    name: Name | None = None
    email: Email | None = None
    phone: Phone | None = None
    attributes: Attributes = {}


class Greet(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="greeted"):
    """Note that a welcome rule spoke to the visitor, with the text as it was shown."""

    id: UUID
    rule: Annotated[str, Meta(min_length=1, max_length=MAX_REFERENCE)]
    text: Annotated[str, Meta(max_length=MAX_TEXT)]


class Invite(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="invite"):
    """Ask a visitor that talks to nobody whether it wants to."""

    id: UUID
    visitor: UUID
    body: Body


class SeeDevice(Struct, frozen=True, omit_defaults=True, tag_field="op", tag="see-device"):
    """Note with what and from where the visitor comes. Comes from the door."""

    id: UUID
    device: DeviceSeen
