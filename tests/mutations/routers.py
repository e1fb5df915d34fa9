"""Mutations of the router at work: whose logs, what is asked for how often, what is put away."""

from __future__ import annotations

from tests.mutations.mutation import Mutation

ATTENDANCE = "domain/routing/attendance.py"
HOLDING = "domain/routing/holding.py"
ROUTED = "domain/routing/routed_log.py"
ROUTER = "domain/routing/router.py"

RULES = "tests/unit/domain/test_routing.py"
LIVES = "tests/property/test_routing.py"
SURE = f"{LIVES}::test_a_router_decides_only_on_what_is_its_own_for_sure"
IDLE = f"{LIVES}::test_what_is_idle_is_put_away_until_something_happens"
LATER = f"{LIVES}::test_state_and_events_are_the_state_later"
PEOPLE = "tests/unit/handling/test_people.py"

MUTATIONS = (
    Mutation(
        name="router-decides-as-soon-as-it-took-over",
        file=HOLDING,
        before=" and now - since >= settings.settle_s",
        after="",
        breaks="Who takes a log over waits until nobody else can be at work on it.",
        tests=(SURE,),
    ),
    Mutation(
        name="router-decides-without-a-lease",
        file=HOLDING,
        before="now - self._shared_at < settings.lease_s and now",
        after="now",
        breaks="Who cannot tell whose a log is decides nothing on it.",
        tests=(SURE,),
    ),
    Mutation(
        name="router-on-what-is-anothers",
        file=HOLDING,
        before="return shard in self._ours and shard in self._shards.owned",
        after="return True",
        also=(("self._shards.owned - leaving", "self._shards.owned | frozenset(range(64))"),),
        breaks="One router at a time decides on a log.",
        tests=(SURE,),
    ),
    Mutation(
        name="decision-named-by-when-it-was-made",
        file="domain/routing/decisions.py",
        before="    return ids.caused_id(kind, log, thing, cause)",
        after="    return ids.caused_id(kind, log, thing, cause % 2)",
        breaks="Another cause is another decision; the same one is made once, after a restart too.",
        tests=(f"{LIVES}::test_one_router_after_the_other",),
    ),
    Mutation(
        name="decided-again-while-under-way",
        file="domain/routing/decide.py",
        before="[each for each in found if each not in office.underway]",
        after="found",
        also=((" or office.underway.is_promised(talk.id)", ""),),
        breaks="What is on its way is not decided again before its answer.",
        tests=(RULES,),
    ),
    Mutation(
        name="refused-and-never-again",
        file="domain/routing/asking.py",
        before="        over += [each for at, each in self._refused if at <= now]\n",
        after="",
        breaks="What was not granted is decided again.",
        tests=(f"{LIVES}::test_one_router_after_the_other",),
    ),
    Mutation(
        name="guarded-version-ignored",
        file="domain/handling/plan.py",
        before="if guarded and command.version != entry.version:",
        after="if guarded and command.version > entry.version:",
        breaks="What was decided on an older version does not hold.",
        tests=(PEOPLE,),
    ),
    Mutation(
        name="guarded-version-not-written",
        file="domain/handling/plan.py",
        before="replace(parts[-1], expectation=at_version(entry.version))",
        after="parts[-1]",
        breaks="So it is when it is written, too, though another node was quicker.",
        tests=(PEOPLE,),
    ),
    Mutation(
        name="gone-by-half-a-knowledge",
        file=ATTENDANCE,
        before="        if knows_all:\n",
        after="        if True:\n",
        breaks="Where not all sockets are known, nobody is gone whom nobody saw go.",
        tests=(RULES,),
    ),
    Mutation(
        name="gone-since-the-last-look",
        file=ATTENDANCE,
        before="self.absent.get(agent, now)",
        after="now",
        breaks="Who is gone is gone since it went.",
        tests=(IDLE,),
    ),
    Mutation(
        name="office-decides-before-it-looked",
        file=ROUTED,
        before="        if not office.attendance.looked:\n            return\n",
        after="",
        breaks="Before it knows who is there, an office says of nobody that nobody was.",
        tests=(f"{LIVES}::test_an_office_decides_nothing_before_it_has_looked",),
    ),
    Mutation(
        name="office-begins-at-the-later-view",
        file="domain/routing/ports.py",
        before="return min(self.talks_as_of, self.agents_as_of)",
        after="return max(self.talks_as_of, self.agents_as_of)",
        breaks="An office folds all that one of its read models has not.",
        tests=(LATER,),
    ),
    Mutation(
        name="policy-as-it-was-at-the-beginning",
        file=ROUTED,
        before="if event.stream == streams.TENANT:",
        after="if not event.stream:",
        breaks="What the tenant says holds for the router, too, from then on.",
        tests=(f"{LIVES}::test_one_router_after_the_other",),
    ),
    Mutation(
        name="put-away-though-somebody-waits",
        file="domain/routing/office.py",
        before="return known and not (self.talks or somebody or len(self.underway))",
        after="return known and not (somebody or len(self.underway))",
        breaks="Nothing is put away while somebody waits.",
        tests=(IDLE,),
    ),
    Mutation(
        name="put-away-for-ever",
        file=ROUTER,
        before="if head <= self._away.get(log, 0) or",
        after="if log in self._away or",
        breaks="What was put away is there again with its log's next event.",
        tests=(IDLE,),
    ),
    Mutation(
        name="never-put-away",
        file=ROUTER,
        before="                self._away[log] = self._logs[log].position\n",
        after="                self._away[log] = 0\n",
        breaks="Tenants of whom nobody is there take no memory of a router.",
        tests=(IDLE,),
    ),
)
