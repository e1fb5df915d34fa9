"""The analytics broken: facts, clocks, what an erasure leaves, parts of time, what is summed."""

from __future__ import annotations

from tests.mutations.mutation import Mutation

LAWS = "tests/unit/projections/test_analytics_laws.py"
COUNTED = "tests/integration/projections/test_reports.py"
PLAIN = f"{COUNTED}::test_reports_are_what_a_plain_count_gives"
PAST = f"{COUNTED}::test_reports_of_a_past_moment_are_what_was_counted_then"
CALENDARS = "tests/unit/domain/test_calendar.py"
FACTS = "projections/analytics/facts.py"
VISITS = "projections/analytics/visits.py"
CALENDAR = "domain/tenant/calendar.py"
PARTS = "projections/analytics/parts.py"
PERIODS = "projections/analytics/periods.py"

MUTATIONS = (
    Mutation(
        name="fact-keeps-its-rating-when-erased",
        file=FACTS,
        before='"goals": 0, "rating": None, "label": None}',
        after='"goals": 0, "label": None}',
        breaks="What a visitor said is in no fact any more once it is erased.",
        tests=(LAWS,),
    ),
    Mutation(
        name="visit-keeps-its-goals-when-erased",
        file=VISITS,
        before="site=None, goals=0, label=None)",
        after="site=None, label=None)",
        breaks="Rebuilt visits of the erased are what the live ones became.",
        tests=(LAWS,),
    ),
    Mutation(
        name="goals-of-the-erased-stay",
        file=VISITS,
        before="    folding.drop_goals(visitor)\n",
        after="",
        breaks="A goal that an erased visitor reached is no row any more.",
        tests=(LAWS,),
    ),
    Mutation(
        name="reopened-still-resolved",
        file=FACTS,
        before='"closed_at": None, "resolution": None}',
        after='"closed_at": None}',
        breaks="A conversation that goes on is not resolved.",
        tests=(PLAIN,),
    ),
    Mutation(
        name="handling-starts-anew",
        file=FACTS,
        before='changes["handling"] = _more(fact.handling, folding',
        after='changes["handling"] = _more(None, folding',
        breaks="Handling is the sum of all times that somebody served.",
        tests=(LAWS,),
    ),
    Mutation(
        name="bot-stops-the-first-response",
        file=FACTS,
        before='if counted == "agent_messages" and fact.answered_at is None',
        after='if counted != "visitor_messages" and fact.answered_at is None',
        breaks="A bot's message is no first response.",
        tests=(LAWS,),
    ),
    Mutation(
        name="goal-credited-however-late",
        file=VISITS,
        before=" or event.at - fact.started_at > CREDIT:",
        after=":",
        breaks="A goal is credited to a conversation of the last seven days.",
        tests=(LAWS,),
    ),
    Mutation(
        name="visits-never-end",
        file=VISITS,
        before="last is None or begins_anew(last.ended_at, event.at)",
        after="last is None",
        breaks="After half an hour of nothing another visit begins.",
        tests=(LAWS,),
    ),
    Mutation(
        name="last-conversation-not-loaded",
        file="projections/analytics/projection.py",
        before="or (fact.visitor in named.coming and last_facts[fact.visitor] is fact)",
        after="or False",
        breaks="Pages of events may be cut anywhere: goals find their conversation.",
        tests=(LAWS,),
    ),
    Mutation(
        name="untagged-in-no-group",
        file=PARTS,
        before="coalesce(nullif(f.tags, '{}'), '{NULL}')",
        after="f.tags",
        breaks="Groups by tag hold the conversations that have none.",
        tests=(PLAIN,),
    ),
    Mutation(
        name="several-tags-count-twice-in-total",
        file="projections/analytics/reader.py",
        before='_total([row for row in cells if row["whole"]], measured)',
        after="_total(cells, measured)",
        breaks="A conversation of two tags is one conversation in total.",
        tests=(PLAIN,),
    ),
    Mutation(
        name="business-hours-forgotten",
        file=PARTS,
        before='hours = "business_ms" if cut.business else "ms"',
        after='hours = "ms"',
        breaks="Times in business hours leave out the nights.",
        tests=(PLAIN,),
    ),
    Mutation(
        name="days-cut-by-utc",
        file=PERIODS,
        before="moment = shown.replace(tzinfo=zone).astimezone(UTC)",
        after="moment = shown.replace(tzinfo=UTC)",
        breaks="Days are those of the tenant's zone.",
        tests=(PLAIN,),
    ),
    Mutation(
        name="clock-never-changed",
        file=PERIODS,
        before="if _ahead(begins, zone) != slots[-1]:",
        after="if False:",
        breaks="The heat map's hours follow the clock in summer and in winter.",
        tests=(PLAIN,),
    ),
    Mutation(
        name="buckets-too-wide",
        file="projections/analytics/sketch.py",
        before="LOG_GAMMA = log(_GAMMA)",
        after="LOG_GAMMA = log(_GAMMA) * 1.02",
        breaks="A percentile is within 2.5 % of the true one.",
        tests=(PLAIN,),
    ),
    Mutation(
        name="past-without-the-tenants-settings",
        file="projections/analytics/past.py",
        before="self._evolved([*tenants, *events], left)",
        after="self._evolved(events, left)",
        breaks="What was in flight is folded by the hours and goals of that time.",
        tests=(PAST,),
    ),
    Mutation(
        name="past-knows-what-came-later",
        file="projections/analytics/past.py",
        before="if event.position <= at and event.type in",
        after="if event.type in",
        breaks="A report of a past moment has nothing that came later.",
        tests=(PAST,),
    ),
    Mutation(
        name="past-counts-later-goals",
        file="projections/analytics/past.py",
        before='WHERE position <= {at})"  # noqa: S608  # a name of ours',
        after='WHERE position >= {at} - {at})"  # noqa: S608  # a name of ours',
        breaks="A report of a past moment has no goal that was reached later.",
        tests=(PAST,),
    ),
    Mutation(
        name="wait-from-the-start-only",
        file=FACTS,
        before="    return fact.asked_at or fact.started_at\n",
        after="    return fact.started_at\n",
        breaks="A visitor waits from its first message on.",
        tests=(PLAIN,),
    ),
    Mutation(
        name="missed-though-answered-by-nobody-yet",
        file="projections/analytics/sql/measures_facts.sql",
        before="WHERE f.status = 'closed' AND f.agent_messages = 0) AS missed",
        after="WHERE f.agent_messages = 0) AS missed",
        breaks="Missed is what was closed without an agent's answer.",
        tests=(PLAIN,),
    ),
    Mutation(
        name="share-of-nothing-is-none",
        file="projections/analytics/metrics.py",
        before="        if not per:\n            return None\n",
        after="        if not per:\n            return 0.0\n",
        breaks="Where nothing was counted there is no share, and not a share of nothing.",
        tests=(PLAIN,),
    ),
    Mutation(
        name="holiday-like-any-day",
        file=CALENDAR,
        before="self._holidays.get(day.isoformat(), self._week[day.weekday()])",
        after="self._week[day.weekday()]",
        breaks="A holiday takes the place of its weekday.",
        tests=(CALENDARS,),
    ),
    Mutation(
        name="night-shift-ends-at-midnight",
        file=CALENDAR,
        before="day = start.astimezone(self.zone).date() - _DAY  # whose last shift may go on",
        after="day = start.astimezone(self.zone).date()",
        breaks="A shift that goes on over midnight counts to its end.",
        tests=(CALENDARS,),
    ),
    Mutation(
        name="shifts-that-overlap-count-twice",
        file=CALENDAR,
        before="                    counted = until\n",
        after="",
        breaks="No minute of business time is counted twice.",
        tests=(CALENDARS,),
    ),
    Mutation(
        name="goal-page-percent-encoded",
        file="domain/tenant/goals.py",
        before='path = unquote(urlsplit(url).path) or "/"',
        after='path = urlsplit(url).path or "/"',
        breaks="A goal's page is reached however its address is written.",
        tests=("tests/unit/domain/test_tenant_goals.py",),
    ),
)
