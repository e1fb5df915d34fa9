"""Mutations of what happens when the store has another history: nothing of the lost one counts."""

from __future__ import annotations

from tests.mutations.mutation import Mutation

HANDLED = "tests/unit/handling/test_histories.py"
GROUPS = "tests/unit/domain/test_group_commit.py"
FOLDED = "tests/unit/projections/test_histories.py"
REAL = "tests/integration/postgres/test_history.py"

MUTATIONS = (
    Mutation(
        name="connection-does-not-ask-its-history",
        file="adapters/postgres/pools.py",
        before="        if self._history is not None:\n",
        after="        if False:\n",
        breaks="Whoever reads or appends after a failover knows of it.",
        tests=(REAL,),
    ),
    Mutation(
        name="append-to-another-history",
        file="adapters/postgres/store.py",
        before="if history != self._history.number:",
        after="if False:",
        breaks="What was decided before a failover is not appended after it.",
        tests=(f"{REAL}::test_what_was_decided_before_a_failover_is_not_appended",),
    ),
    Mutation(
        name="server-started-anew-not-noticed",
        file="domain/history.py",
        before="known not in {None, run}",
        after="known in {0, 1}",
        breaks="A directory that was put back by hand is noticed, though its epoch is the same.",
        tests=("tests/unit/domain/test_history.py",),
    ),
    Mutation(
        name="state-kept-over-a-restore",
        file="domain/handling/commands.py",
        before="        self.states.clear()\n",
        after="",
        breaks="Nobody decides on a state that a restore has thrown away.",
        tests=(HANDLED,),
    ),
    Mutation(
        name="queue-kept-over-a-restore",
        file="domain/handling/commands.py",
        before="        self._commits.forget()\n",
        after="",
        breaks="What waits for its batch since before a restore is not appended.",
        tests=(HANDLED,),
    ),
    Mutation(
        name="round-goes-on-over-a-restore",
        file="domain/handling/commands.py",
        before="        if view.is_old:\n            return False\n",
        after="        if False:\n            return False\n",
        breaks="No decision rests on states of two histories.",
        tests=(HANDLED,),
    ),
    Mutation(
        name="refused-on-a-lost-history",
        file="domain/handling/commands.py",
        before="        if view.is_old:\n            return  # what was found",
        after="        if False:\n            return  # what was found",
        breaks="A refusal, and the answer to a repeat, rest on the history that the store has.",
        tests=(HANDLED,),
    ),
    Mutation(
        name="slice-opened-over-a-restore-is-learnt",
        file="brokers/tail.py",
        before="        if histories != followed.order.histories:\n            return  #",
        after="        if False:\n            return  #",
        breaks="What is known for decisions is of the history that the store has.",
        tests=("tests/unit/brokers/test_tail.py",),
    ),
    Mutation(
        name="database-restored-from-a-dump-not-noticed",
        file="adapters/postgres/sql/history.sql",
        before="    (SELECT oid FROM pg_database WHERE datname = current_database()),\n"
        "    'es.event'::regclass::oid\n",
        after="    ''\n",
        breaks="A restore is noticed where the server runs on, too.",
        tests=(REAL,),
    ),
    Mutation(
        name="restart-sends-all-away",
        file="ops/parts.py",
        before="        if change is Change.SERVER:\n",
        after="        if False:\n",
        breaks="A restart of PostgreSQL ends no socket.",
        tests=("tests/unit/ops/test_parts.py",),
    ),
    Mutation(
        name="commit-told-over-a-restore",
        file="domain/group_commit.py",
        before="        if histories != self._histories:\n"
        "            _fail(batch, StoreUnavailable(ANOTHER_HISTORY))\n"
        "            return\n"
        "        self._publish",
        after="        self._publish",
        breaks="Nobody is told of what was committed to a history that is lost by then.",
        tests=(GROUPS,),
    ),
    Mutation(
        name="half-a-batch-sent-over-a-restore",
        file="domain/group_commit.py",
        before="        if histories != self._histories:  # half a batch",
        after="        if False:  # half a batch",
        breaks="The culprit of a batch is not looked for in another history.",
        tests=(GROUPS,),
    ),
    Mutation(
        name="page-written-over-a-restore",
        file="projections/engine.py",
        before="            self._demand(histories)  # whose",
        after="            # whose",
        breaks="What was folded of a lost history is not written into the views.",
        tests=(FOLDED,),
    ),
    Mutation(
        name="page-kept-over-a-restore",
        file="projections/engine.py",
        before="            self._demand(histories)\n",
        after="",
        breaks="What was read of a lost history is kept for no projection.",
        tests=(FOLDED,),
    ),
)
