"""Mutations of the read models of people: visitors, agents, and the audit of what was done."""

from __future__ import annotations

from tests.mutations.mutation import Mutation

VISITORS = "projections/visitors/evolve.py"
AGENTS = "projections/agents/evolve.py"
TIMES = "projections/agents/times.py"
AUDIT = "projections/audit/evolve.py"

OF_VISITORS = "tests/unit/projections/test_visitor_laws.py"
OF_AGENTS = "tests/unit/projections/test_agent_laws.py"
OF_TIMES = "tests/unit/projections/test_agent_times.py"
OF_AUDIT = "tests/unit/projections/test_audit_laws.py"
REAL = "tests/integration/projections/test_people_postgres.py"
TABLES = f"{REAL}::test_the_tables_say_what_the_folds_say"

MUTATIONS = (
    Mutation(
        name="visitor-keeps-its-name-when-erased",
        file=VISITORS,
        before="replace(row, erased=True, label=EMPTY)",
        after="replace(row, erased=True)",
        breaks="Of an erased visitor it is known that somebody was, and not who.",
        tests=(OF_VISITORS,),
    ),
    Mutation(
        name="visitors-path-stays-in-the-table",
        file="projections/visitors/sql/forget.sql",
        before="AND label IS NOT NULL",
        after="AND label IS NULL",
        breaks="With an erasure the labels go out of the table, not only their key.",
        tests=(f"{REAL}::test_an_erasure_takes_the_labels_with_it",),
    ),
    Mutation(
        name="arrival-of-the-last-visit",
        file=VISITORS,
        before="    if label.arrival is not None or page is None:",
        after="    if page is None:",
        breaks="How somebody came is how it came the first time.",
        tests=(OF_VISITORS,),
    ),
    Mutation(
        name="half-an-hour-is-the-same-visit",
        file="domain/visitor/visits.py",
        before="at - last >= VISIT_GAP",
        after="at - last > VISIT_GAP",
        breaks="After half an hour of nothing another visit begins.",
        tests=(f"{OF_VISITORS}::test_half_an_hour_ends_a_visit",),
    ),
    Mutation(
        name="identified-and-so-seen",
        file=VISITORS,
        before="        if event.type not in SAID:",
        after="        if event.type:",
        breaks="When somebody was last here is not when its site said who it is.",
        tests=(OF_VISITORS,),
    ),
    Mutation(
        name="path-shows-a-page-twice",
        file="projections/visitors/sql/pages.sql",
        before="position < $4)",
        after="position <= $4)",
        breaks="A part of a path goes on right behind the one before.",
        tests=(TABLES,),
    ),
    Mutation(
        name="closed-is-still-load",
        file=AGENTS,
        before="serving[conversation] = None if event.type in _CLOSING else serves or UNASSIGNED",
        after="serving[conversation] = serves or UNASSIGNED",
        breaks="An agent's load is of open conversations.",
        tests=(OF_AGENTS,),
    ),
    Mutation(
        name="conversation-taken-with-every-event",
        file=AGENTS,
        before="if serves is not None and serves != served:",
        after="if serves is not None:",
        breaks="A conversation counts for an agent when it gets it.",
        tests=(OF_AGENTS,),
    ),
    Mutation(
        name="bots-work-for-agents",
        file=AGENTS,
        before='            if event.actor.role == "agent":\n',
        after='            if event.actor.role != "visitor":\n',
        breaks="What a bot wrote is no agent's work.",
        tests=(OF_AGENTS,),
    ),
    Mutation(
        name="time-goes-on-after-leaving",
        file=AGENTS,
        before="after = replace(after, active=False, since=None)",
        after="after = replace(after, active=False)",
        breaks="Whoever has left spends no more time.",
        tests=(OF_AGENTS,),
    ),
    Mutation(
        name="every-day-has-24-hours",
        file=TIMES,
        before="begins, ends = midnight(day, zone), midnight(day + _DAY, zone)",
        after="begins, ends = midnight(day, zone), midnight(day, zone) + _DAY",
        breaks="A day is the tenant's own, of 23 or 25 hours where the clock is moved.",
        tests=(OF_TIMES,),
    ),
    Mutation(
        name="work-of-the-day-in-utc",
        file=TIMES,
        before="piece.at.astimezone(zone).date()",
        after="piece.at.date()",
        breaks="Work counts on the day that it was where the tenant is.",
        tests=(OF_TIMES,),
    ),
    Mutation(
        name="times-of-the-next-day",
        file="projections/agents/sql/times.sql",
        before="from_at < $5 AND to_at > $4",
        after="from_at <= $5 AND to_at > $4",
        breaks="What begins where the time asked for ends is not in it.",
        tests=(f"{REAL}::test_times_are_those_between",),
    ),
    Mutation(
        name="gone-and-still-listed",
        file="adapters/redis/lua/departed.lua",
        before="redis.call('ZREM', KEYS[1] .. '/' .. place, id)",
        after="redis.call('ZSCORE', KEYS[1] .. '/' .. place, id)",
        breaks="Whoever is gone is not among those who are present.",
        tests=("tests/contract/test_presence.py::test_people_of_a_tenant_are_listed",),
    ),
    Mutation(
        name="limited-agent-knows-strangers",
        file="domain/access.py",
        before="return self.unlimited if access is None else",
        after="return True if access is None else",
        breaks="A limited agent sees no visitor that talked to nobody.",
        tests=("tests/integration/projections/test_present_postgres.py::test_who_sees_whom",),
    ),
    Mutation(
        name="asked-and-not-told",
        file="adapters/websocket/hub.py",
        before="isinstance(event.data, ConversationOpened | VisitorInvited)",
        after="isinstance(event.data, ConversationOpened)",
        breaks="A visitor's pages hear who asks it to talk.",
        tests=("tests/unit/websocket/test_opened.py",),
    ),
    Mutation(
        name="audit-names-the-erased",
        file=AUDIT,
        before='self.stream if streams.kind(self.stream) == "agent" else streams.TENANT',
        after="streams.TENANT",
        breaks="What the audit tells of an agent goes with the agent's key.",
        tests=(OF_AUDIT,),
    ),
    Mutation(
        name="audit-shows-every-field",
        file="projections/audit/shown.py",
        before="told = {name: form[name] for name in SHOWN[event.type] if name in form}",
        after="told = dict(form)",
        breaks="No password, digest or secret gets into the audit.",
        tests=(OF_AUDIT,),
    ),
    Mutation(
        name="audit-without-what-was-tried",
        file="projections/audit/sql/page.sql",
        before="AND stream = 'agent-' || $4",
        after="AND stream = 'agent' || $4",
        breaks="What was done or tried as an agent is found with what it did.",
        tests=(TABLES,),
    ),
)
