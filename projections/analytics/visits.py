"""How page views become visits, and goals that were reached. Pure.

That a page was viewed, and when, stands in the envelope and stays; which page it was, is the
visitor's own.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from msgspec.structs import replace

from domain import streams
from domain.conversation.events import Page
from domain.envelope import RecordedEvent
from domain.tenant.goals import reaches
from domain.visitor.events import PageViewed
from domain.visitor.source import INTERNAL, source_of
from domain.visitor.visits import begins_anew
from projections.analytics.definitions import CREDIT
from projections.analytics.folding import Folding
from projections.analytics.rows import Fact, GoalLabel, GoalReached, Visit, VisitLabel

TYPES = frozenset({"page.viewed", "visitor.erased"})

MAX_PAGE = 200
"""Characters of a page's host and path that a report shows."""


def source_text(page: Page) -> str:
    """Where somebody comes from who begins with this page, as reports name it: one word."""
    source = source_of(page)
    return source.name or source.medium


def page_text(page: Page) -> str:
    """A page as reports name it: host and path, without what tells visitors apart."""
    try:
        url = urlsplit(page.url)
    except ValueError:
        return page.url[:MAX_PAGE]
    return f"{url.netloc.rpartition('@')[2]}{url.path or '/'}"[:MAX_PAGE]


def fold(folding: Folding, event: RecordedEvent) -> None:
    """Fold one event of a visitor."""
    visitor = streams.visitor_id(event.stream)
    if event.type == "visitor.erased":
        _erase(folding, visitor)
        return
    visit = _viewed(folding.last_visit(visitor), visitor, event)
    if isinstance(event.data, PageViewed):
        visit = _reached(folding, visit, event)
    folding.put_visit(visit)


def _viewed(last: Visit | None, visitor: str, event: RecordedEvent) -> Visit:
    """The visit after a page view: the last one goes on, or another begins."""
    if last is None or begins_anew(last.ended_at, event.at):
        return _begun(last, visitor, event)
    going_on = replace(last, position=event.position, ended_at=event.at, pages=last.pages + 1)
    return going_on if event.data is not None else erased(going_on)


def _begun(last: Visit | None, visitor: str, event: RecordedEvent) -> Visit:
    visit = Visit(visitor, event.position, event.position, event.at, event.at)
    if not isinstance(event.data, PageViewed):
        return visit
    page = event.data.page
    source = source_text(page)
    if source == INTERNAL and last is not None and last.label is not None:
        source = last.label.source  # who read on after a pause still comes from there
    return replace(visit, site=event.data.site, label=VisitLabel(source, page_text(page)))


def _reached(folding: Folding, visit: Visit, event: RecordedEvent) -> Visit:
    """The visit, with the goals that this page view reached; each is noted, and credited."""
    label = visit.label
    if label is None:
        return visit
    reached = [
        goal.goal
        for goal in folding.settings.goals.values()
        if goal.goal not in label.reached and reaches(goal.url, event.data.page.url)
    ]
    if not reached:
        return visit
    _note(folding, visit.visitor, reached, event, label.source)
    label = replace(label, reached=(*label.reached, *reached))
    return replace(visit, goals=len(label.reached), label=label)


def _note(
    folding: Folding, visitor: str, reached: list[str], event: RecordedEvent, source: str
) -> None:
    fact = _credited(folding, visitor, event)
    page = event.data.page
    for goal in reached:
        folding.put_goal(
            GoalReached(
                visitor=visitor,
                position=event.position,
                goal=goal,
                reached_at=event.at,
                label=GoalLabel(source, page_text(page)),
                site=event.data.site,
                conversation=None if fact is None else fact.conversation,
                agent=None if fact is None else fact.agent,
                department=None if fact is None else fact.department,
            )
        )
    if fact is not None:
        credited = replace(fact, position=event.position, goals=fact.goals + len(reached))
        folding.facts[fact.conversation] = credited


def _credited(folding: Folding, visitor: str, event: RecordedEvent) -> Fact | None:
    """The conversation that a goal is credited to, if it began not too long ago."""
    fact = folding.last_fact(visitor)
    if fact is None or fact.erased or event.at - fact.started_at > CREDIT:
        return None
    return fact


def _erase(folding: Folding, visitor: str) -> None:
    for visit in folding.all_visits(visitor):
        folding.put_visit(erased(visit))
    folding.drop_goals(visitor)


def erased(visit: Visit) -> Visit:
    """What is left of a visit when its visitor was erased."""
    return replace(visit, site=None, goals=0, label=None)
