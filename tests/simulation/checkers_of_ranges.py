"""Ranges: each continues the one before, and a new epoch begins anew. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from math import inf
from operator import attrgetter

from tests.simulation.history import History, Subscription
from tests.simulation.truth import Truths
from tests.simulation.verdicts import Verdict, verdict


def ranges_continue(history: History) -> Verdict:
    """On one subscription each range begins where the one before ended.

    The first where it was asked to. Offsets only grow, and what is in a range lies within it.
    """

    def look(subscription: Subscription) -> Iterator[str | None]:
        mine = subscription.after
        number = "position" if subscription.feed == "inbox" else "version"
        for each in subscription.ranges:
            numbers = [event[number] for event in each.events]
            inside = all(each.after < one <= each.upto for one in numbers)
            wrong = each.after != mine or each.upto <= each.after or not inside
            wrong = wrong or numbers != sorted(set(numbers))
            where = f"{subscription.client} {subscription.feed} at {each.at:.3f}"
            yield f"{where}: {each.after}..{each.upto} {numbers} after {mine}" if wrong else None
            mine = max(mine, each.upto)

    return verdict(finding for each in history.subscriptions for finding in look(each))


def live_means_caught_up(history: History) -> Verdict:
    """What was called live has all that was committed before it was asked for.

    Not judged under an epoch that has ended: the answer may have come from the next.
    """
    truths = Truths(history)

    def look(each: Subscription) -> Iterator[str | None]:
        if each.epoch is None or each.live is None:
            return
        truth = truths.of(each.epoch, history.readers[each.client].log)
        if truth.ended < inf:
            return
        there = bisect_right(truth.feed(each.feed), each.asked_at, key=attrgetter("at"))
        where = f"{each.client} {each.feed}, asked for at {each.asked_at:.3f}"
        yield None if each.live >= there else f"{where}: live at {each.live} of {there}"

    return verdict(finding for each in history.subscriptions for finding in look(each))


def another_history_resets(history: History) -> Verdict:
    """Nobody goes on under a new epoch from an offset of another one.

    Unless it named no epoch, and its mark is of this history too.
    """
    truths = Truths(history)
    earned: set[tuple[str, str, str]] = set()

    def look(each: Subscription) -> Iterator[str | None]:
        if each.epoch is None:
            return
        place = (each.client, each.feed, each.epoch)
        truth = truths.of(each.epoch, history.readers[each.client].log)
        if each.after == 0:
            earned.add(place)
        elif place not in earned:
            same = not each.names_epoch and truth.mark(each.feed, each.after) == each.mark
            wrong = not same and (bool(each.ranges) or each.ended is None)
            where = f"{each.client} {each.feed} at {each.asked_at:.3f}"
            yield f"{where}: goes on from {each.after} of another epoch" if wrong else None
            if same:
                earned.add(place)

    return verdict(finding for each in history.subscriptions for finding in look(each))
