"""Mutations of the standard data set: exactly so much, the same again, and whole after a kill."""

from __future__ import annotations

from tests.mutations.mutation import Mutation

LOADING = "ops/dataset/loading.py"

HISTORIES = "tests/unit/dataset/test_history.py"
LOADED = "tests/integration/dataset/test_loading.py"

MUTATIONS = (
    Mutation(
        name="shares-rounded-one-by-one",
        file="ops/dataset/shares.py",
        before="        upto = min(total, round(total * running / whole))\n",
        after="        upto = given + round(total * weight / whole)\n",
        breaks="Any fraction has its exact share of conversations and messages.",
        tests=(
            f"{HISTORIES}::test_a_fraction_has_its_rounded_share",
            f"{HISTORIES}::test_the_whole_set_has_what_was_promised",
        ),
    ),
    Mutation(
        name="seed-without-effect",
        file="ops/dataset/plan.py",
        before='seed=f"{EDITION}/{seed}/{fraction!r}"',
        after='seed=f"{EDITION}/{fraction!r}"',
        breaks="Another seed is another data set, in logs of its own.",
        tests=(f"{HISTORIES}::test_the_same_plan_gives_the_same",),
    ),
    Mutation(
        name="set-without-a-zone",
        file="ops/dataset/rhythm.py",
        before="hour, tzinfo=profile.tz)",
        after="hour, tzinfo=UTC)",
        also=(
            (
                "from datetime import date, datetime, timedelta\n",
                "from datetime import UTC, date, datetime, timedelta\n",
            ),
        ),
        breaks="Days have the rhythm of where the tenant is.",
        tests=(f"{HISTORIES}::test_the_day_the_week_and_the_languages_have_their_shape",),
    ),
    Mutation(
        name="crowd-without-a-limit",
        file="ops/dataset/crowd.py",
        before="        if len(self._kept) < KEPT:\n",
        after="        if len(self._kept) >= 0:\n",
        breaks="Memory does not grow with the size of the set.",
        tests=(f"{HISTORIES}::test_memory_does_not_grow_with_the_set",),
    ),
    Mutation(
        name="erasure-among-others",
        file=LOADING,
        before="size >= BATCH_EVENTS or told.erases or batch[0].erases",
        after="size >= BATCH_EVENTS or batch[0].erases",
        breaks="Who is erased in the set cannot be read in it.",
        tests=(f"{LOADED}::test_a_tenant_is_loaded_whole_and_once",),
    ),
    Mutation(
        name="set-behind-what-others-wrote",
        file=LOADING,
        before="if last is not None and not await self._is(last.dated):",
        after="if last is None and self._found:",
        breaks="The set is not written behind what is no part of it.",
        tests=(f"{LOADED}::test_a_tenant_of_somebody_else_is_refused",),
    ),
)
