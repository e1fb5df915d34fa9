"""Mutations of read models: exactly once, in their own history, and nothing left out silently."""

from __future__ import annotations

from tests.mutations.mutation import Mutation

ENGINE = "projections/engine.py"
PROJECTOR = "projections/projector.py"

CONTROLS = "tests/unit/projections/test_controls.py"
REBUILDS = "tests/integration/projections/test_rebuild.py"
ENGINES = "tests/unit/projections/test_engine.py"
PROJECTORS = "tests/unit/projections/test_projector.py"
RECENT = "tests/unit/projections/test_recent.py"
SESSIONS = "tests/integration/projections/test_sessions_postgres.py"

MUTATIONS = (
    Mutation(
        name="projection-compare-and-set-dropped",
        file=ENGINE,
        before="self.identifier, log, was, to):\n            raise Fenced\n",
        after="self.identifier, log, was, to):\n            return\n",
        breaks="A projector that is behind another counts nothing a second time.",
        tests=(ENGINES,),
    ),
    Mutation(
        name="projection-checkpoint-moved-blindly",
        file="adapters/postgres/sql/move_checkpoint.sql",
        before='"position" = $5 AND mark = $6',
        after="$5::bigint > 0 AND $6::bytea IS NOT NULL",
        breaks="A projection's checkpoint moves by compare-and-set only.",
        tests=("tests/integration/postgres/test_read_models.py::test_a_stale_projector_is_fenced",),
    ),
    Mutation(
        name="projection-checkpoint-ahead-of-its-rows",
        file=ENGINE,
        before="            await self._demand_generation(transaction, generations)\n",
        after="            await self._demand_generation(transaction, generations)\n"
        "        async with self._models.projecting(log) as transaction:\n",
        breaks="Rows and checkpoint move in one transaction, so a death between leaves no hole.",
        tests=(ENGINES,),
    ),
    Mutation(
        name="projection-writes-into-other-tables",
        file=ENGINE,
        before="        if generations != loaded:\n",
        after="        if generations is None:\n",
        breaks="What was folded before a switch is not written into the tables after it.",
        tests=(f"{REBUILDS}::test_a_running_projector_drops_rows_of_other_tables",),
    ),
    Mutation(
        name="projection-rows-kept-for-ever",
        file=ENGINE,
        before="            while len(self._kept) > LOGS:\n",
        after="            while False:\n",
        breaks="Memory does not grow with the number of logs.",
        tests=(ENGINES,),
    ),
    Mutation(
        name="poison-skipped-silently",
        file=ENGINE,
        before="for event, error in unfit]",
        after="for event, error in unfit[:0]]",
        breaks="An event that cannot be folded is parked and told of, never just left out.",
        tests=(ENGINES,),
    ),
    Mutation(
        name="damaged-skipped-silently",
        file=ENGINE,
        before="for event in page if event.damaged]",
        after="for event in page if event.damaged and event.position < 0]",
        breaks="An event that cannot be read is parked and told of.",
        tests=(ENGINES,),
    ),
    Mutation(
        name="newer-event-skipped",
        file=ENGINE,
        before="                if limit == 1:\n                    raise\n",
        after="                if limit == 1:\n"
        "                    after, limit = after + 1, self._page_events\n"
        "                    continue\n",
        also=(("assert page[0].position == checkpoint.position + 1,", "assert page,"),),
        breaks="What a newer program wrote stops a projection; it is not stepped over.",
        tests=(ENGINES,),
    ),
    Mutation(
        name="projection-another-history-not-noticed",
        file=ENGINE,
        before="if checkpoint.mark == await self._mark(log, checkpoint.position):",
        after="if await self._mark(log, checkpoint.position) is not None:",
        breaks="A view that was built on another history is built anew.",
        tests=(ENGINES,),
    ),
    Mutation(
        name="projection-pages-with-a-hole",
        file=ENGINE,
        before="upto = Checkpoint(page[-1].position, page[-1].hash[:MARK_BYTES])",
        after="upto = Checkpoint(page[-1].position, page[0].hash[:MARK_BYTES])",
        breaks="A checkpoint's mark is that of the event at which it stands.",
        tests=(ENGINES,),
    ),
    Mutation(
        name="rows-kept-of-another-place",
        file=ENGINE,
        before="await self.projection.load(log, events, kept if left == stands else None)",
        after="await self.projection.load(log, events, kept)",
        breaks="Rows that were kept are folded on only where they stand.",
        tests=(ENGINES, PROJECTORS, RECENT),
    ),
    Mutation(
        name="recent-events-of-another-history",
        file="projections/recent.py",
        before="if not behind or behind[0].hash[:MARK_BYTES] != checkpoint.mark:",
        after="if not behind:",
        breaks="Events that are kept are folded only in the history that they are of.",
        tests=(RECENT,),
    ),
    Mutation(
        name="recent-events-with-a-hole",
        file="projections/recent.py",
        before="        if events[0].position != newest + 1:\n",
        after="        if False:\n",
        breaks="Events that are kept follow one another without a hole.",
        tests=(RECENT,),
    ),
    Mutation(
        name="recent-events-without-a-limit",
        file="projections/recent.py",
        before="        del kept[: -self._limit]\n",
        after="",
        breaks="What is kept of a log for its projections is bounded.",
        tests=(RECENT,),
    ),
    Mutation(
        name="recent-events-of-two-histories",
        file="projections/recent.py",
        before="        if _contradict(kept, events):\n",
        after="        if False:\n",
        breaks="Events that are kept are of one history.",
        tests=(RECENT,),
    ),
    Mutation(
        name="recent-events-of-others-logs",
        file="projections/recent.py",
        before="        if committed.log in self._logs:\n",
        after="        if True:\n",
        breaks="Events are kept only of logs that are projected here.",
        tests=(RECENT,),
    ),
    Mutation(
        name="projector-call-for-others-events-lost",
        file=PROJECTOR,
        before="            if self._lags[name].is_behind(log) and not self._is_paused(name):",
        after="            if False:",
        breaks="What there was no time for in a turn is folded in the next, which comes at once.",
        tests=(PROJECTORS,),
    ),
    Mutation(
        name="projector-call-during-work-lost",
        file=PROJECTOR,
        before="            self._again.add(key)\n            return\n",
        after="            return\n",
        breaks="What is committed during a turn is folded in the next one.",
        tests=(PROJECTORS,),
    ),
    Mutation(
        name="projector-ends-after-an-await",
        file=PROJECTOR,
        before="                if key not in self._again or self._waits(key):\n"
        "                    return\n",
        after="                if key not in self._again or self._waits(key):\n"
        "                    await self._clock.sleep(self._settings.rest_s)\n"
        "                    return\n",
        breaks="No call is lost between seeing that nobody has called and ending.",
        tests=(PROJECTORS,),
    ),
    Mutation(
        name="projection-turn-without-end",
        file=ENGINE,
        before="        if here and events < _KEPT_PAGES * self._page_events:\n",
        after="        if here and events < 0:\n",
        breaks="A projection of a busy log rests; it does not write the same rows on and on.",
        tests=("tests/unit/projections/test_recent.py",),
    ),
    Mutation(
        name="projection-reads-on-for-ever",
        file=ENGINE,
        before="        return self._clock.monotonic() >= ends\n",
        after="        return self._clock.monotonic() < 0\n",
        breaks="A log that is far behind keeps nothing else from its turn.",
        tests=(CONTROLS,),
    ),
    Mutation(
        name="projector-does-not-wait-after-a-failure",
        file=PROJECTOR,
        before="if key not in self._again or self._waits(key):",
        after="if key not in self._again:",
        breaks="What fails is tried again ever more rarely, also where a log is busy.",
        tests=(PROJECTORS,),
    ),
    Mutation(
        name="projector-does-not-poll",
        file=PROJECTOR,
        before="                self._compare(await self._store.heads())\n",
        after="                await self._store.heads()\n",
        breaks="Without any signal a view is at most a look behind.",
        tests=(PROJECTORS,),
    ),
    Mutation(
        name="rebuild-clears-every-tenant",
        file="projections/sessions/sql/clear.sql",
        before="DELETE FROM session_2 WHERE tenant = $1",
        after="DELETE FROM session_2 WHERE $1::uuid IS NOT NULL",
        breaks="A rebuild throws away the rows of one tenant only.",
        tests=(f"{SESSIONS}::test_a_rebuild_is_of_one_tenant",),
    ),
    Mutation(
        name="limited-agent-lists-everything",
        file="projections/sessions/sql/filters.sql",
        before="AND ($7::text IS NULL OR s.assignee = $7 OR s.department = ANY ($8::text[]))",
        after="AND ($7::text IS NULL OR $8::text[] IS NOT NULL)",
        breaks="A limited agent's list holds what it may read.",
        tests=(f"{SESSIONS}::test_limited_agents_see_what_the_rule_says",),
    ),
    Mutation(
        name="label-of-any-purpose",
        file="adapters/postgres/cipher.py",
        before="+ field(key.subject) + _purpose(purpose)",
        after="+ field(key.subject)",
        breaks="A label opens in the column that it was made for only.",
        tests=("tests/unit/test_cipher.py",),
    ),
)
