"""What a plan gives: the same again, exactly so much, in order, in the shape that is promised."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from hashlib import sha256
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from domain.conversation.events import ConversationStarted, MessagePosted
from domain.envelope import NewEvent
from domain.tenant.events import GoalAdded, HoursChanged
from domain.tenant.goals import reaches
from domain.visitor.events import PageViewed, VisitorErased
from ops.dataset import crowd
from ops.dataset.drawing import Dice
from ops.dataset.history import PLANTED, History
from ops.dataset.lengths import lengths
from ops.dataset.people import Visitor
from ops.dataset.plan import CONVERSATIONS, END_DAY, FIRST_DAY, MESSAGES, TenantPlan, plan
from ops.dataset.rhythm import moment
from ops.dataset.teller import Told
from ops.dataset.words.chinese import CHINESE
from ops.dataset.words.english import ENGLISH

SMALL = plan(fraction=0.0008)


@cache
def _told(number: int) -> tuple[Told, ...]:
    return tuple(History(SMALL.tenants[number]))


def _events(told: tuple[Told, ...]) -> Iterator[NewEvent]:
    for each in told:
        for part in each.dated.append.parts:
            yield from part.events


def _data(number: int, cls: type[Any]) -> list[Any]:
    return [event.data for event in _events(_told(number)) if isinstance(event.data, cls)]


def test_the_whole_set_has_what_was_promised() -> None:
    """To the conversation and the message, over all tenants; each has some of both."""
    whole = plan()
    assert (whole.conversations, whole.messages) == (CONVERSATIONS, MESSAGES)
    assert len(whole.tenants) == 8
    sizes = [tenant.conversations for tenant in whole.tenants]
    assert sizes == sorted(sizes, reverse=True)
    assert all(tenant.messages > tenant.conversations for tenant in whole.tenants)


@pytest.mark.parametrize("fraction", [1e-7, 1e-5, 0.00123, 0.1, 1 / 3, 0.999])
def test_a_fraction_has_its_rounded_share(fraction: float) -> None:
    """Of conversations and messages alike, however small."""
    part = plan(fraction=fraction)
    assert part.conversations == round(CONVERSATIONS * fraction)
    assert part.messages == (round(MESSAGES * fraction) if part.conversations else 0)


@pytest.mark.parametrize("number", range(len(SMALL.tenants)))
def test_a_history_has_exactly_what_is_planned(number: int) -> None:
    """So many conversations begin and so many messages are posted, none beyond the end."""
    tenant = SMALL.tenants[number]
    assert len(_data(number, ConversationStarted)) == tenant.conversations
    assert len(_data(number, MessagePosted)) == tenant.messages


@pytest.mark.parametrize("number", range(len(SMALL.tenants)))
def test_hours_and_goals_hold_from_the_beginning(number: int) -> None:
    """Each tenant's own, before anything happens that reports count by them; and goals are met."""
    profile = SMALL.tenants[number].profile
    first = list(islice(_events(_told(number)), 20))
    (hours,) = [event.data for event in first if isinstance(event.data, HoursChanged)]
    assert hours.zone == profile.zone
    opened = [shifts[0] if shifts else None for shifts in hours.week]
    assert [day and (day[0] // 60, day[1] // 60) for day in opened] == list(profile.open)
    goals = [event.data.url for event in first if isinstance(event.data, GoalAdded)]
    assert len(goals) == 3
    if number == 0:
        seen = {each.page.url for each in _data(number, PageViewed)}
        assert any(reaches(goal, url) for goal in goals for url in seen)


@pytest.mark.parametrize("number", [0, 7])
def test_time_only_goes_on(number: int) -> None:
    """Each event is later than the one before, from the first day on; erasures alone come after."""
    profile, last = SMALL.tenants[number].profile, 0
    for told in _told(number):
        assert told.dated.at > last
        last = told.dated.at + sum(len(part.events) for part in told.dated.append.parts) - 1
        assert told.erases or last < moment(END_DAY, 0, profile)
    assert _told(number)[0].dated.at == moment(FIRST_DAY, 0, profile)


def test_the_same_plan_gives_the_same() -> None:
    """Ids, times and words; another seed, fraction or prefix gives another log and other words."""
    tenant = SMALL.tenants[7]
    assert tuple(History(tenant)) == _told(7)
    others = [
        plan(fraction=0.0008, seed=2),
        plan(fraction=0.0009),
        plan(fraction=0.0008, prefix="x"),
    ]
    for other in others:
        different = other.tenants[7]
        assert different.log != tenant.log
        assert tuple(islice(History(different), 50)) != _told(7)[:50]


def test_the_set_is_the_one_that_was_measured() -> None:
    """What a seed gives is fixed: a change needs another EDITION, since logs were begun before."""
    digest = sha256()
    for told in _told(7):
        digest.update(msgspec.msgpack.encode(told.dated))
    assert (len(_told(7)), digest.hexdigest()[:16]) == PINNED


PINNED = (1788, "ff7dc33877ee6fcd")


def test_erased_are_some_in_the_end_with_all_their_conversations() -> None:
    """Each erased visitor's conversations are erased behind it, before the next one's."""
    told = [each for each in _told(0) if each.erases]
    assert len(_data(0, VisitorErased)) == 1
    assert _told(0)[-len(told) :] == tuple(told)
    started = Counter(
        event.subject for event in _events(_told(0)) if isinstance(event.data, ConversationStarted)
    )
    assert len(told) == 1 + started[str(told[0].erases)]


def test_what_benchmarks_of_search_look_for_is_there() -> None:
    """A handful of messages have the rare words, or both of the others, of which each is common."""
    words = (ENGLISH.looked_for, CHINESE.looked_for)
    handful = {PLANTED, PLANTED + 1}
    assert sum(_saying(word.rare) for word in words) in handful
    assert sum(_saying(*word.apart) for word in words) in handful
    chinese = CHINESE.looked_for
    assert min(map(_saying, (chinese.common, *chinese.apart))) > 3 * PLANTED


def _saying(*words: str) -> int:
    texts = [posted.body.text or "" for posted in _data(0, MessagePosted)]
    return sum(all(word in text for word in words) for text in texts)


def test_memory_does_not_grow_with_the_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of thousands of visitors those are in mind who may return or have something planned.

    Without the garbage collector's help, which comes late where there is much else.
    """
    monkeypatch.setattr(crowd, "KEPT", 50)
    gc.collect()
    gc.disable()
    try:
        seen = [_visitors() for n, _ in enumerate(History(SMALL.tenants[0])) if n % 2_000 == 0]
    finally:
        gc.enable()
    assert max(seen) < 50 + 30
    assert len(seen) > 3


def _visitors() -> int:
    return sum(isinstance(each, Visitor) for each in gc.get_objects())


def test_lengths_differ_and_come_out_exactly() -> None:
    """Blocks of any remainder; some conversations have one message, some more than twenty."""
    for conversations in (1, 255, 256, 257, 1024):
        drawn = list(lengths(conversations, 5 * conversations, Dice("lengths")))
        assert (len(drawn), sum(drawn)) == (conversations, 5 * conversations)
        assert min(drawn) >= 1
    many = Counter(lengths(5_000, 24_600, Dice("lengths")))
    assert many[1] > 400
    assert max(many) > 20


def test_the_day_the_week_and_the_languages_have_their_shape() -> None:
    """Busier when open than by night, on Monday than on Sunday; Chinese where it is spoken."""
    tenant: TenantPlan = SMALL.tenants[0]
    zone = tenant.profile.tz
    begun = [
        each.dated
        for each in _told(0)
        if any(isinstance(event.data, ConversationStarted) for event in _events((each,)))
    ]
    local = [_local(dated.at, zone) for dated in begun]
    assert sum(10 <= at.hour < 22 for at in local) > 10 * sum(at.hour < 6 for at in local)
    weekdays = Counter(at.weekday() for at in local)
    assert weekdays[0] > weekdays[6]
    texts = [posted.body.text for posted in _data(0, MessagePosted)]
    assert sum(any("一" <= letter <= "龥" for letter in text) for text in texts) > 0.9 * len(texts)


def _local(at: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(at / 1e6, zone)
