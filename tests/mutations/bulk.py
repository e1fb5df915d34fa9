"""Mutations of the bulk way into a log: history comes out as any other append, or not at all."""

from __future__ import annotations

from tests.mutations.mutation import Mutation

SQL = "adapters/postgres/sql/migrations/0017_append_bulk.sql"
APPENDER = "adapters/postgres/bulk.py"
BATCH = "adapters/postgres/bulk_batch.py"

TESTS = "tests/integration/postgres/test_bulk.py"
SAME = f"{TESTS}::test_bulk_writes_what_append_writes"
REFUSED = f"{TESTS}::test_what_cannot_have_been_is_refused"
DEAD_KEY = f"{TESTS}::test_nothing_comes_under_a_destroyed_key"

MUTATIONS = (
    Mutation(
        name="bulk-time-stands-still",
        file=SQL,
        before="IF v_next <= v_at THEN",
        after="IF v_next < v_at THEN",
        breaks="Each event of a log is later than the one before.",
        tests=(REFUSED,),
    ),
    Mutation(
        name="bulk-writes-the-future",
        file=SQL,
        before="IF p_recorded_at[v_count] > es.micros(clock_timestamp()) THEN",
        after="IF p_recorded_at[v_count] < 0 THEN",
        breaks="History lies in the past: whoever appends next is not before it.",
        tests=(REFUSED,),
    ),
    Mutation(
        name="bulk-version-not-compared",
        file=SQL,
        before="coalesce(h.version, 0) <> s.version",
        after="coalesce(h.version, 0) > s.version",
        breaks="A stream's versions have no gap, whoever writes them.",
        tests=(REFUSED,),
    ),
    Mutation(
        name="bulk-log-not-locked",
        file=SQL,
        before="WHERE id = p_log FOR UPDATE;",
        after="WHERE id = p_log;",
        breaks="History takes its turn with whatever is appended meanwhile.",
        tests=(f"{TESTS}::test_who_waited_sees_what_was_committed_meanwhile",),
    ),
    Mutation(
        name="bulk-position-not-compared",
        file=SQL,
        before="IF v_position <> p_after THEN",
        after="IF v_position < p_after THEN",
        breaks="History goes on only where its writer believes the log to be.",
        tests=(f"{TESTS}::test_a_log_that_goes_on_meanwhile_is_refused",),
    ),
    Mutation(
        name="bulk-chain-begins-anew",
        file=SQL,
        before="    SELECT e.position, e.hash, es.micros(e.recorded_at) INTO",
        after="    SELECT e.position, es.genesis(p_log), es.micros(e.recorded_at) INTO",
        breaks="The first event of a batch is chained to the last one of the log.",
        tests=(f"{TESTS}::test_the_chain_holds_and_the_log_goes_on",),
    ),
    Mutation(
        name="bulk-everything-decides",
        file=SQL,
        before="IF p_deciding[v_type] THEN",
        after="IF true THEN",
        breaks="What decides nothing stands in nobody's way afterwards.",
        tests=(SAME,),
    ),
    Mutation(
        name="bulk-under-a-dead-key",
        file=SQL,
        before="SELECT s.wrapped IS NOT NULL FROM",
        after="SELECT true FROM",
        breaks="Nothing is written under a key that another node destroyed meanwhile.",
        tests=(DEAD_KEY,),
    ),
    Mutation(
        name="bulk-key-known-to-be-dead",
        file=BATCH,
        before="        if isinstance(key, Destroyed):\n",
        after="        if False and isinstance(key, Destroyed):\n",
        breaks="Whoever writes for an erased person is told so.",
        tests=(DEAD_KEY,),
    ),
    Mutation(
        name="bulk-turn-shared",
        file=APPENDER,
        before="SELECT pg_try_advisory_lock($1)",
        after="SELECT pg_try_advisory_lock_shared($1)",
        breaks="One writes history into a log at a time.",
        tests=(f"{TESTS}::test_one_writes_history_at_a_time",),
    ),
    Mutation(
        name="bulk-key-of-somebody-else",
        file=BATCH,
        before="        key = self._keys_of[subject]\n",
        after="        key = self._keys_of[min(self._keys_of)] if subject else None\n",
        breaks="Each person's data is under that person's own key.",
        tests=(SAME,),
    ),
    Mutation(
        name="bulk-versions-overlap",
        file=BATCH,
        before="        elif self._now[stream - 1] != expected.version:\n",
        after="        elif self._now[stream - 1] < expected.version:\n",
        breaks="A command of the batch goes on where the one before it ended.",
        tests=(f"{TESTS}::test_what_is_no_history_is_not_sent",),
    ),
    Mutation(
        name="bulk-key-destroyed-under-way",
        file=APPENDER,
        before="        await self.flush()\n        await self._keys.destroy",
        after="        await self._keys.destroy",
        breaks="An erasure comes behind what was said before it.",
        tests=(f"{TESTS}::test_an_erasure_comes_after_what_was_appended",),
    ),
    Mutation(
        name="bulk-nonce-used-again",
        file=BATCH,
        before="yield drawn[at : at + NONCE_BYTES]",
        after="yield drawn[:NONCE_BYTES]",
        breaks="No nonce is used twice.",
        tests=(f"{TESTS}::test_more_events_than_nonces_are_drawn_at_once",),
    ),
    Mutation(
        name="bulk-forgets-what-a-command-said",
        file=BATCH,
        before="digest = None if n else key.command_digest(command.content)",
        after="digest = None",
        breaks="A command's id that comes again with another content is told apart.",
        tests=(f"{TESTS}::test_the_digest_of_a_command_is_kept",),
    ),
)
