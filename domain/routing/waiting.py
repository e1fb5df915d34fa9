"""In which order those who wait have their turn. Pure."""

from __future__ import annotations

from datetime import timedelta

from domain.routing.office import Office
from domain.routing.people import Talk


def in_order(office: Office) -> list[Talk]:
    """The conversations that nobody serves: who has waited longest first.

    Who has left the page stands behind those who came up to a while later and are there. So they
    hold up few, and are forgotten by nobody.
    """
    behind = timedelta(seconds=office.policy.left_behind_s)
    none = timedelta()
    found = [
        (talk.waits_since + (behind if name in office.left else none), name, talk)
        for name, talk in ((name, office.talks[name]) for name in office.queue)
    ]
    found.sort(key=lambda each: each[:2])
    return [talk for _, _, talk in found]
