"""What is due now in an office: ``decide(office, now) -> decisions``. Pure.

Whose turn it is goes first, and one that nobody fits holds up nobody. A decision that is under way
is not made again before it has its answer.
"""

from __future__ import annotations

from collections.abc import Iterator

from domain.routing.decisions import (
    AGENT_DEACTIVATED,
    Decision,
    Miss,
    Release,
    Remind,
    Retire,
    Route,
)
from domain.routing.desks import Desks
from domain.routing.office import Office
from domain.routing.people import OFFLINE, micros
from domain.routing.policy import MANUAL
from domain.routing.staffing import Staff
from domain.routing.waiting import in_order


def decide(office: Office, now: float) -> list[Decision]:
    """Everything that is due at this time (seconds since 1970), in the order to be asked for."""
    found = [
        *_of_deactivated(office),
        *_of_vanished(office, now),
        *_routes(office, now),
        *_missed(office, now),
        *_reminders(office, now),
    ]
    return [each for each in found if each not in office.underway]


# --- who has vanished ---------------------------------------------------------------------------


def _of_deactivated(office: Office) -> Iterator[Release]:
    """Whom they served waits for somebody else, answered or not: they do not come back."""
    for name in office.serving.keys() - office.agents.keys():
        for conversation in sorted(office.serving[name]):
            talk = office.talks[conversation]
            cause = micros(talk.served_at)
            yield Release(conversation, name, talk.version, cause, AGENT_DEACTIVATED)


def _of_vanished(office: Office, now: float) -> Iterator[Decision]:
    """Their visitors who wait for an answer wait for somebody else; they themselves are offline."""
    after = office.policy.release_after_s
    for name, since in office.attendance.absent.items():
        agent = office.agents.get(name)
        if agent is None or not after or now - since < after:
            continue
        for conversation in sorted(office.serving.get(name, ())):
            talk = office.talks[conversation]
            if talk.unanswered_at is not None:
                yield Release(conversation, name, talk.version, micros(talk.served_at))
        # Whoever has said how it is was there: that it is back, is seen a moment later.
        seen_gone = micros(agent.since) <= (now - after) * 1e6
        if agent.status != OFFLINE and seen_gone:
            yield Retire(name, micros(agent.since))


# --- who gets what ------------------------------------------------------------------------------


def _routes(office: Office, now: float) -> Iterator[Route]:
    if not office.queue or not _is_automatic(office):
        return
    desks = Desks(office, now)
    if not desks.free:
        return
    for talk in in_order(office):
        strategy = office.policy.strategy_of(talk.department)
        unclear = talk.skills is None or office.underway.is_promised(talk.id)
        if strategy == MANUAL or unclear:
            continue
        agent = desks.next(talk, strategy)
        if agent is not None:
            yield Route(talk.id, agent, strategy, micros(talk.queued_at))


def _is_automatic(office: Office) -> bool:
    policy = office.policy
    return any(each != MANUAL for each in (policy.strategy, *policy.strategies.values()))


# --- who waits too long -------------------------------------------------------------------------


def _missed(office: Office, now: float) -> Iterator[Miss]:
    """At once where it is closed and nobody is there all the same, else after the tenant's time."""
    after = office.policy.missed_after_s
    if not after or not office.unmissed:
        return
    closed, staff = not office.policy.is_open(now), Staff(office)
    for name in office.unmissed:
        talk = office.talks[name]
        assert talk.unanswered_at is not None
        over = now - talk.unanswered_at.timestamp() >= after
        if not over and not closed:
            return  # nor are those behind it
        staffed = staff.of(talk.department)
        if over or not staffed:
            reason = "closed" if closed else "unanswered" if staffed else "unstaffed"
            yield Miss(name, talk.version, reason, micros(talk.unanswered_at))


def _reminders(office: Office, now: float) -> Iterator[Remind]:
    after = office.policy.remind_after_s
    for name in office.unreminded if after else ():
        talk = office.talks[name]
        assert talk.unreminded_at is not None
        if now - talk.unreminded_at.timestamp() < after:
            return  # nor are those behind it
        cause = micros(talk.unreminded_at)
        yield Remind(name, talk.version, talk.unreminded_version, after, cause)
