"""Session views as clients get them: the shape of the API, and what of it a search looks at."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from projections.sessions.rows import Last, SessionRow


class SessionItem(Struct, frozen=True):
    """A session view as clients get it. ``id`` and ``conversation`` are the same."""

    id: str
    conversation: str
    visitor: str
    visitor_name: str | None
    status: str
    assignee: str | None
    assignee_name: str | None
    department: str | None
    tags: tuple[str, ...]
    started_at: datetime
    last_at: datetime
    last: Last | None
    last_message_version: int
    last_visitor_version: int
    rating: int | None
    comment: str | None
    version: int
    version_mark: str
    reads: dict[str, int]
    visitor_read: int
    channel: str | None
    language: str | None
    skills: tuple[str, ...]
    invited: bool
    queued_at: datetime | None
    unanswered_at: datetime | None
    missed: str | None


class SessionPage(Struct, frozen=True):
    """A part of a list. ``next`` is the cursor of the part after it, None at the end.

    ``complete`` is False where a search stopped at its limit; ``next`` goes on searching.
    """

    as_of: int
    mark: str
    items: list[SessionItem]
    next: str | None
    complete: bool = True


def fits(item: SessionItem, q: str) -> bool:
    """Whether a text of the view holds ``q``, which is casefolded."""
    texts = (item.visitor_name, item.last and item.last.text, *item.tags)
    return any(text and q in text.casefold() for text in texts)


def item(row: SessionRow) -> SessionItem:
    """The view of a row."""
    label = row.label
    return SessionItem(
        id=row.id,
        conversation=row.id,
        visitor=row.visitor,
        visitor_name=label.visitor_name,
        status=row.status,
        assignee=row.assignee,
        assignee_name=label.assignee_name,
        department=row.department,
        tags=label.tags,
        started_at=row.started_at,
        last_at=row.last_at,
        last=label.last,
        last_message_version=row.last_message_version,
        last_visitor_version=row.last_visitor_version,
        rating=row.rating,
        comment=label.comment,
        version=row.version,
        version_mark=row.mark.hex(),
        reads=row.reads,
        visitor_read=row.visitor_read,
        channel=row.channel,
        language=label.language,
        skills=label.skills,
        invited=row.invited,
        queued_at=row.queued_at,
        unanswered_at=row.unanswered_at,
        missed=row.missed,
    )
