"""Mutations of rebuilds: no row counts twice, no view goes back, and what was can be had again."""

from __future__ import annotations

from tests.mutations.mutation import Mutation

SCHEMA = "projections/sql/schema.sql"
BUILDER = "projections/building.py"
GENERATIONS = "adapters/postgres/generations.py"

REBUILDS = "tests/integration/projections/test_rebuild.py"
OPERATED = "tests/integration/projections/test_operated.py"
BUILDING = "tests/unit/projections/test_building.py"

MUTATIONS = (
    Mutation(
        name="build-page-beyond-anothers-place",
        file=BUILDER,
        before=", *(ends[each] for each in behind), *others])",
        after=", *(ends[each] for each in behind)])",
        breaks="Whoever was killed between two commits folds nothing a second time.",
        tests=(BUILDING,),
    ),
    Mutation(
        name="build-goes-on-where-it-was-fenced",
        file=BUILDER,
        before="            return  # another builder,",
        after="            pass  # another builder,",
        breaks="Two builders of one log leave no hole between them.",
        tests=(BUILDING,),
    ),
    Mutation(
        name="build-beyond-its-limit",
        file=BUILDER,
        before="*(ends[each] for each in behind), *others])",
        after="*others])",
        breaks="What makes more than rows is built no further than it was live.",
        tests=(BUILDING,),
    ),
    Mutation(
        name="switch-not-counted",
        file=SCHEMA,
        before="    PERFORM rm.count_generation(p_identifier);\n",
        after="",
        breaks="A projector learns that other tables have become the live ones.",
        tests=(f"{REBUILDS}::test_a_running_projector_drops_rows_of_other_tables",),
    ),
    Mutation(
        name="switch-leaves-the-old-to-nobody",
        file=SCHEMA,
        before="EXECUTE format('ALTER TABLE IF EXISTS rm_swap.%I SET SCHEMA rm_old', v_table);",
        after="EXECUTE format('DROP TABLE IF EXISTS rm_swap.%I', v_table);",
        breaks="A rebuild can be undone.",
        tests=(f"{REBUILDS}::test_a_rebuild_is_undone_without_going_back",),
    ),
    Mutation(
        name="switch-forgets-what-is-parked",
        file=SCHEMA,
        before="ARRAY['es.checkpoint', 'rm.parked'] LOOP",
        after="ARRAY['es.checkpoint'] LOOP",
        breaks="A parked event is told of until it was folded, and then no more.",
        tests=(f"{OPERATED}::test_a_parked_event_is_replayed_once_the_fault_is_mended",),
    ),
    Mutation(
        name="two-rebuild-one-projection",
        file="adapters/postgres/builds.py",
        before="SELECT pg_try_advisory_lock(hashtextextended('parley.build.' || $1, 0))",
        after="SELECT pg_try_advisory_lock_shared(hashtextextended('parley.build.' || $1, 0))",
        breaks="One rebuilds a projection at a time, and the other is told who does.",
        tests=(f"{REBUILDS}::test_one_at_a_time",),
    ),
    Mutation(
        name="exchange-takes-every-tenants-rows",
        file=GENERATIONS,
        before='                f" SELECT * FROM {NEXT.schema}.{table} WHERE tenant = $1",\n',
        after='                f" SELECT * FROM {NEXT.schema}.{table} WHERE $1::uuid IS NULL",\n',
        breaks="A tenant whose rows were exchanged has those that were built for it.",
        tests=(f"{OPERATED}::test_one_tenants_rows_are_exchanged_beside_the_others",),
    ),
    Mutation(
        name="paused-goes-on",
        file="projections/projector.py",
        before=" or self._is_paused(key[0]):",
        after=":",
        breaks="A paused projection keeps its place.",
        tests=("tests/unit/projections/test_controls.py",),
    ),
    Mutation(
        name="erasure-not-noted-for-what-is-beside",
        file="projections/engine.py",
        before="            if self._is_live:",
        after="            if not self._is_live:",
        breaks="What was erased does not stay in an older generation.",
        tests=(f"{REBUILDS}::test_what_was_erased_is_nowhere_beside_the_live_tables",),
    ),
    Mutation(
        name="what-is-beside-keeps-the-erased",
        file=SCHEMA,
        before="WHERE e.projection = p_projection AND c.position < e.position",
        after="WHERE e.projection = p_projection AND c.position < 0",
        breaks="What was erased does not stay in a build that was cut off.",
        tests=(f"{REBUILDS}::test_what_was_erased_is_nowhere_beside_the_live_tables",),
    ),
    Mutation(
        name="visits-stay-when-their-key-went-first",
        file="projections/analytics/projection.py",
        before="self._stored.visits(log, visits, UNREAD)",
        after="self._stored.visits(log, visits)",
        breaks="Nothing of an erased visitor's visits stays in the tables of reports.",
        tests=(f"{REBUILDS}::test_what_was_erased_is_nowhere_beside_the_live_tables",),
    ),
    Mutation(
        name="rebuild-reads-whole-logs",
        file="adapters/postgres/sql/build_page.sql",
        before=" AND e.position <= page.upto AND e.position <= $3",
        after=" AND e.position <= page.upto",
        breaks="A page of a rebuild takes no longer in a store of many millions of events.",
        tests=("tests/integration/postgres/test_plans.py",),
    ),
    Mutation(
        name="rebuild-ends-at-the-first-silence",
        file="ops/patience.py",
        before="stop=stop_after_attempt(tries),",
        after="stop=stop_after_attempt(1),",
        breaks="A rebuild goes on when PostgreSQL does not answer for a moment.",
        tests=("tests/unit/ops/test_rebuilding_parts.py",),
    ),
)
