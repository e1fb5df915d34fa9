"""Reports counted the plain way: by walking through the events, one after the other.

It shares nothing with the product's counting but the events, and the few pure rules that have tests
of their own: business time, where a page comes from, which page a goal is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from math import ceil
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from domain.envelope import RecordedEvent
from domain.tenant.calendar import business_seconds
from domain.tenant.goals import reaches
from domain.visitor.source import source_of
from projections.analytics.asking import Question

HALF_HOUR, WEEK = timedelta(minutes=30), timedelta(days=7)


@dataclass
class Told:
    """One conversation, visit or goal: when it counts, what it is cut by, and its numbers."""

    at: datetime
    dims: dict[str, Any]
    visitor: str = ""
    numbers: dict[str, Any] = field(default_factory=dict)
    last_view: datetime = datetime(1, 1, 1, tzinfo=UTC)


@dataclass
class Plain:
    """Everything that happened, by kind."""

    conversations: dict[str, Told]
    visits: list[Told]
    goals: list[Told]
    zone: str


def walk(events: Sequence[RecordedEvent]) -> Plain:
    """Go through the events once."""
    hours: Any = None
    goals: dict[str, str] = {}
    plain = Plain({}, [], [], "UTC")
    last_visit: dict[str, Told] = {}
    for event in events:
        data, stream = event.data, event.stream.partition("-")[2]
        match event.type:
            case "tenant.hours_changed":
                hours, plain.zone = data, data.zone
            case "tenant.goal_added" | "tenant.goal_changed":
                goals[data.goal] = data.url
            case "tenant.goal_removed":
                del goals[data.goal]
            case "page.viewed":
                _page(plain, last_visit, goals, stream, event)
            case "visitor.erased":
                _forget(plain, stream)
            case kind if kind.startswith("conversation.") or kind == "message.posted":
                _conversation(plain, last_visit, hours, stream, event)
    for told in plain.conversations.values():
        if told.numbers["erased"]:
            told.dims |= {"site": None, "source": None, "tag": ()}
            told.numbers |= {"rating": None, "goals": 0}
    return plain


def _forget(plain: Plain, visitor: str) -> None:
    plain.goals = [goal for goal in plain.goals if goal.visitor != visitor]
    for visit in plain.visits:
        if visit.visitor == visitor:
            visit.dims = {"site": None, "source": None, "page": None}
            visit.numbers["reached"] = []


def _address(url: str) -> str:
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2] + (parts.path or "/")


def _word(page: Any) -> str:
    source = source_of(page)
    return source.name or source.medium


def _page(
    plain: Plain, last: dict[str, Told], goals: dict[str, str], visitor: str, event: RecordedEvent
) -> None:
    before, data = last.get(visitor), event.data
    if before is None or event.at - before.last_view >= HALF_HOUR:
        dims: dict[str, Any] = {"site": None, "source": None, "page": None}
        if data is not None:
            source = _word(data.page)
            if source == "internal" and before is not None:
                source = before.dims["source"] or source
            dims = {"site": data.site, "source": source, "page": _address(data.page.url)}
        visit = last[visitor] = Told(event.at, dims, visitor, {"pages": 0, "reached": []})
        plain.visits.append(visit)
    visit = last[visitor]
    visit.last_view = event.at
    visit.numbers["pages"] += 1
    if data is None:
        return
    for goal, pattern in goals.items():
        if goal in visit.numbers["reached"] or not reaches(pattern, data.page.url):
            continue
        visit.numbers["reached"].append(goal)
        dims = {"site": data.site, "source": visit.dims["source"], "goal": goal}
        dims |= {"page": _address(data.page.url), "agent": None, "department": None}
        reached = Told(event.at, dims, visitor, {"credited": False})
        theirs = [told for told in plain.conversations.values() if told.visitor == visitor]
        if theirs and event.at - theirs[-1].at <= WEEK:
            theirs[-1].numbers["goals"] += 1
            reached.numbers["credited"] = True
            reached.dims |= {name: theirs[-1].dims[name] for name in ("agent", "department")}
        plain.goals.append(reached)


def _conversation(  # noqa: C901, PLR0912  # the events in their order, as one would on paper
    plain: Plain, visits: dict[str, Told], hours: Any, name: str, event: RecordedEvent
) -> None:
    told = plain.conversations.get(name)
    data, after = event.data, event.metadata.after
    assert after is not None
    if told is None:
        visitor = event.actor.id
        visit = visits.get(visitor)
        source = None
        if visit is not None and event.at - visit.last_view < HALF_HOUR:
            source = visit.dims["source"]
        elif data is not None and data.page is not None:
            source = _word(data.page)
        dims = {"agent": None, "site": data and data.site, "source": source, "tag": ()}
        told = plain.conversations[name] = Told(event.at, dims, visitor)
        told.numbers = {
            "open": True, "erased": False, "asked": None, "served": None, "rating": None,
            "goals": 0, "transfers": 0, "reopened": 0, "visitor": 0, "agent": 0, "bot": 0,
            "wait": None, "first_response": None, "handling": None, "resolution": None,
        }  # fmt: skip
    numbers = told.numbers
    told.dims["department"] = after.department
    if after.assignee is not None:
        told.dims["agent"] = after.assignee

    def lasted(since: datetime) -> tuple[float, float]:
        wall = (event.at - since).total_seconds()
        return wall, wall if hours is None else business_seconds(hours, since, event.at)

    asked = numbers["asked"] or told.at
    match event.type:
        case "message.posted":
            role = event.actor.role
            numbers[role] += 1
            if role == "visitor":
                numbers["asked"] = numbers["asked"] or event.at
            if role == "agent" and numbers["first_response"] is None:
                numbers["first_response"] = lasted(asked)
        case "conversation.transferred":
            numbers["transfers"] += 1
        case "conversation.closed":
            numbers |= {"open": False, "resolution": lasted(told.at)}
        case "conversation.reopened":
            numbers |= {"open": True, "resolution": None, "reopened": numbers["reopened"] + 1}
        case "conversation.rated" if data is not None:
            numbers["rating"] = data.rating
        case "conversation.tagged" if data is not None:
            told.dims["tag"] = data.tags
    if after.assignee is not None and numbers["wait"] is None:
        numbers["wait"] = lasted(asked)
    serves = numbers["open"] and after.assignee is not None
    if serves and numbers["served"] is None:
        numbers["served"] = event.at
    if not serves and numbers["served"] is not None:
        wall, business = numbers["handling"] or (0.0, 0.0)
        more = lasted(numbers["served"])
        numbers |= {"served": None, "handling": (wall + more[0], business + more[1])}
    numbers["erased"] |= data is None or event.type == "conversation.erased"


Values = dict[str, Any]


def count(plain: Plain, question: Question, today: date) -> tuple[dict[Any, Values], Values]:
    """The metrics by (part of time, group), and of all: of what is asked."""
    zone = ZoneInfo(plain.zone)
    end = question.end or today + timedelta(days=1)
    start = question.start or end - timedelta(days=30)
    kinds = {
        "overview": ("facts", "visits"), "visits": ("visits",),
        "conversion": ("facts", "visits", "goals"),
    }.get(question.report, ("facts",))  # fmt: skip
    rows = {"facts": list(plain.conversations.values()), "visits": plain.visits}
    rows["goals"] = plain.goals
    cells: dict[Any, dict[str, list[Told]]] = defaultdict(lambda: defaultdict(list))
    whole: dict[str, list[Told]] = {}
    for kind in kinds:
        has = {"facts": {"agent", "department", "site", "source", "tag"}}
        has |= {"visits": {"site", "source", "page"}}
        has |= {"goals": {"agent", "department", "site", "source", "goal", "page"}}
        limited = set(question.filters.given)
        if question.by not in {None, *has[kind]} or not limited <= has[kind] - {"page", "goal"}:
            continue
        whole[kind] = []
        for row in rows[kind]:
            local = row.at.astimezone(zone)
            if not start <= local.date() < end or not _fits(row, question):
                continue
            whole[kind].append(row)
            for group in _groups(row, question.by):
                cells[_part(local, question, start), group][kind].append(row)
    shown = {
        key: _metrics(question, {kind: cell.get(kind, []) for kind in whole})
        for key, cell in cells.items()
    }
    return shown, _metrics(question, whole)


def _fits(row: Told, question: Question) -> bool:
    return all(
        value in row.dims["tag"]
        if name == "tag"
        else row.dims[name] == (None if value == "none" else value)
        for name, value in question.filters.given.items()
    )


def _groups(row: Told, by: str | None) -> Iterable[str | None]:
    if by == "tag":
        return row.dims["tag"] or (None,)
    return (None if by is None else row.dims[by],)


def _part(local: datetime, question: Question, start: date) -> Any:
    day = local.date()
    if question.report == "heatmap":
        return day.isoweekday(), local.hour
    match question.every:
        case "hour":
            return f"{day}T{local.hour:02}:00:00"
        case "week":
            return str(day - timedelta(days=day.weekday()))
        case "month":
            return str(day.replace(day=1))
        case "all":
            return str(start)
        case _:
            return str(day)


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _times(rows: list[Told], clock: str, question: Question) -> list[float]:
    spans = [row.numbers[clock] for row in rows]
    return sorted(span[question.business] for span in spans if span is not None)


def _at(times: list[float], share: float) -> float | None:
    return times[max(1, ceil(share * len(times))) - 1] if times else None


def _metrics(question: Question, cell: dict[str, list[Told]]) -> Values:
    """Every metric that some report shows of these rows."""
    metrics: Values = {}
    if "facts" in cell:
        metrics |= _of_conversations(cell["facts"], question)
    if "visits" in cell:
        metrics |= _of_visits(cell["visits"])
    if "goals" in cell:
        credited = [row for row in cell["goals"] if row.numbers["credited"]]
        metrics |= {"reached": len(cell["goals"]), "credited": len(credited)}
    return metrics


def _of_conversations(rows: list[Told], question: Question) -> Values:
    said = [row.numbers for row in rows]
    closed = [n for n in said if not n["open"]]
    living = [n for n in said if n["open"] and not n["erased"]]
    answered = [n for n in said if n["agent"] or n["bot"]]
    bot_only = [n for n in said if n["bot"] and not n["agent"]]
    ratings = [n["rating"] for n in said if n["rating"] is not None]
    missed = [n for n in closed if not n["agent"]]
    converted = [n for n in said if n["goals"]]
    transferred = [n for n in said if n["transfers"]]
    clock = (
        question.report
        if question.report in {"wait", "handling", "resolution"}
        else ("first_response")
    )
    times, resolved = _times(rows, clock, question), _times(rows, "resolution", question)
    mean = _share(sum(times), len(times))
    return {
        "conversations": len(said), "closed": len(closed), "open": len(living),
        "waiting": sum(not n["agent"] and not n["bot"] for n in living),
        "reopened": sum(n["reopened"] > 0 for n in said),
        "messages": sum(n["visitor"] + n["agent"] + n["bot"] for n in said),
        "visitor_messages": sum(n["visitor"] for n in said),
        "agent_messages": sum(n["agent"] for n in said),
        "bot_messages": sum(n["bot"] for n in said),
        "missed": len(missed), "missed_share": _share(len(missed), len(closed)),
        "transferred": len(transferred), "transfers": sum(n["transfers"] for n in said),
        "transferred_share": _share(len(transferred), len(said)),
        "answered": len(answered), "answered_by_bot": sum(n["bot"] > 0 for n in said),
        "bot_only": len(bot_only), "bot_share": _share(len(bot_only), len(answered)),
        "rated": len(ratings), "satisfaction": _share(sum(ratings), len(ratings)),
        "good_share": _share(sum(r >= 4 for r in ratings), len(ratings)),
        "rated_share": _share(len(ratings), len(said)),
        "converted": len(converted), "conversion_share": _share(len(converted), len(said)),
        "count": len(times), "mean": mean, "first_response_mean": mean,
        "resolution_mean": _share(sum(resolved), len(resolved)),
        "p50": _at(times, 0.5), "p90": _at(times, 0.9), "p95": _at(times, 0.95),
        "first_response_p50": _at(times, 0.5),
    }  # fmt: skip


def _of_visits(rows: list[Told]) -> Values:
    pages = sum(row.numbers["pages"] for row in rows)
    lasted = sum((row.last_view - row.at).total_seconds() for row in rows)
    converted = sum(bool(row.numbers["reached"]) for row in rows)
    return {
        "visits": len(rows), "pages": pages, "pages_per_visit": _share(pages, len(rows)),
        "duration_mean": _share(lasted, len(rows)),
        "bounced_share": _share(sum(row.numbers["pages"] == 1 for row in rows), len(rows)),
        "converted_visits": converted, "visit_conversion_share": _share(converted, len(rows)),
    }  # fmt: skip
