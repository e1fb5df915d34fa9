"""What the settings of a tenant consist of: one type for the value of each section.

A value is stored whole, with what nobody chose too: so a later program with other defaults changes
nothing that was said. What may stand in them is in ``domain.tenant.value_rules``.
"""

from __future__ import annotations

from msgspec import Struct

Texts = dict[str, str]
"""What people read, by language tag (``en``, ``zh-Hant``). Shown is the reader's language, else
``en``, else the first."""


class Department(Struct, frozen=True):
    """A department. ``strategy`` None: the tenant's; ``offered``: visitors may choose it."""

    name: str
    strategy: str | None = None
    offered: bool = False


class Reply(Struct, frozen=True):
    """A text that agents have at hand, with placeholders; ``department`` None: for everybody."""

    shortcut: str
    title: str
    text: str
    department: str | None = None
    file: str | None = None


class WelcomeWhen(Struct, frozen=True):
    """When a welcome rule speaks; None: whatever. ``page`` is a pattern as goals have them."""

    page: str | None = None
    source: str | None = None
    campaign: str | None = None
    after_s: int | None = None
    returning: bool | None = None
    opening: str | None = None


class Welcome(Struct, frozen=True):
    """What is said to visitors unasked. ``open``: in the window, else in a bubble at the button.

    ``sites`` are ids; none: at all of them. Rules go by ``order``, then by their keys.
    """

    name: str
    text: Texts
    enabled: bool = True
    order: int = 0
    sites: tuple[str, ...] = ()
    when: WelcomeWhen = WelcomeWhen()
    open: bool = False


class ReceptionWhen(Struct, frozen=True):
    """Which conversations a reception rule is for; None: whatever.

    ``language`` is a tag: ``zh`` is ``zh-CN`` too. ``department``: the one that the visitor chose.
    """

    site: str | None = None
    page: str | None = None
    channel: str | None = None
    language: str | None = None
    department: str | None = None


class ReceptionThen(Struct, frozen=True):
    """What becomes of them: where they go, which skills they need, what they are tagged with."""

    department: str | None = None
    skills: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


class Reception(Struct, frozen=True):
    """A reception rule; the first that fits counts, by ``order``, then by key."""

    name: str
    enabled: bool = True
    order: int = 0
    when: ReceptionWhen = ReceptionWhen()
    then: ReceptionThen = ReceptionThen()


class Status(Struct, frozen=True):
    """A status beside the built-in ones. ``available``: who has it gets conversations."""

    name: Texts
    available: bool = False


class Routing(Struct, frozen=True):
    """How conversations find an agent. ``capacity``: how many one serves at once, unless said.

    Times are in seconds, 0 for never: after ``release_after_s`` an agent who is gone loses what it
    has not answered; ``remind_after_s`` and ``missed_after_s`` are without an answer; after
    ``away_after_s`` without a touch a desk says ``away``.
    """

    strategy: str = "manual"
    capacity: int = 5
    release_after_s: int = 300
    remind_after_s: int = 120
    missed_after_s: int = 300
    away_after_s: int = 600


class Tags(Struct, frozen=True):
    """The tags that desks suggest."""

    tags: tuple[str, ...] = ()


class SiteTexts(Struct, frozen=True):
    """The words of a site's chat in one language; where one is empty, the widget has its own."""

    title: str = ""
    subtitle: str = ""
    greeting: str = ""
    launcher: str = ""
    placeholder: str = ""
    away: str = ""
    thanks: str = ""


class Field(Struct, frozen=True):
    """A field of a form. ``options`` are those of a ``select``."""

    key: str
    kind: str
    label: Texts
    required: bool = False
    options: tuple[Texts, ...] = ()


class Form(Struct, frozen=True):
    """A form before a conversation, or instead of one."""

    intro: Texts = {}
    fields: tuple[Field, ...] = ()


class Appearance(Struct, frozen=True):
    """How a site's chat looks and what it has. Offsets are in pixels from the window's corner.

    ``language`` None: the browser's. ``logo`` is kept for later.
    """

    color: str = "#2f5bea"
    theme: str = "auto"
    side: str = "right"
    offset_x: int = 20
    offset_y: int = 20
    launcher: str = "round"
    language: str | None = None
    texts: dict[str, SiteTexts] = {}
    logo: None = None
    prechat: Form | None = None
    offline: Form | None = None
    files: bool = True
    emoji: bool = True
    rating: bool = True
    hide_when_closed: bool = False


Value = Department | Reply | Welcome | Reception | Status | Routing | Tags | Appearance
