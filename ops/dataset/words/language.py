"""What a language has to say: sentences with gaps, by topic, and what the gaps are filled with.

The sentences are data; how they are drawn and joined is in ``ops.dataset.texts``. A gap is a name
in braces: ``{product}``, ``{order}``, ``{city}``, ``{amount}``, ``{weekday}``, ``{detail}``,
``{number}``.
"""

from __future__ import annotations

from msgspec import Struct


class Topic(Struct, frozen=True):
    """What a conversation is about.

    ``asks`` open it, ``tells`` are the visitor's further words, ``answers`` the agent's.
    ``department``: who serves it; ``tags``: how agents mark it, the usual one first.
    """

    name: str
    department: str
    tags: tuple[str, ...]
    asks: tuple[str, ...]
    tells: tuple[str, ...]
    answers: tuple[str, ...]


class LookedFor(Struct, frozen=True):
    """Words for whoever measures a search.

    A handful of a tenant's messages have ``rare``, very many ``common``; many have one of
    ``apart``, a handful both.
    """

    rare: str
    common: str
    apart: tuple[str, str]


class Language(Struct, frozen=True):
    """A language. The first of a tuple is the most frequent one (Zipf), where not said otherwise.

    ``rare`` and ``apart`` are said in a handful of a tenant's conversations; no other sentence has
    the rare word of ``looked_for``, or both that are apart. ``brief``: what needs no topic.
    """

    name: str
    join: str
    materials: tuple[str, ...]
    things: tuple[str, ...]
    details: tuple[str, ...]
    cities: tuple[str, ...]
    weekdays: tuple[str, ...]
    topics: tuple[Topic, ...]
    brief: tuple[str, ...]
    greetings: tuple[str, ...]
    farewells: tuple[str, ...]
    bot: tuple[str, ...]
    bot_answers: tuple[str, ...]
    notes: tuple[str, ...]
    comments: tuple[str, ...]
    rare: str
    apart: str
    looked_for: LookedFor
