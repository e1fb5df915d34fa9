"""Mutations of the event store: what ``es.append`` judges and writes, and who reads what.

The SQL is what a fresh database gets, by its migrations. The twin of the store is broken too, so
that the contract holds it as fast as PostgreSQL.
"""

from __future__ import annotations

from tests.mutations.mutation import Mutation

MIGRATIONS = "adapters/postgres/sql/migrations/"
APPEND = f"{MIGRATIONS}0014_append_one.sql"
READ = f"{MIGRATIONS}0005_read.sql"
ROLES = f"{MIGRATIONS}0001_roles.sql"
TWIN = "tests/doubles/memory_log.py"

APPENDS = "tests/contract/test_event_store_append.py"
EXPECTATIONS = "tests/contract/test_event_store_expectations.py"
CONCURRENCY = "tests/contract/test_event_store_concurrency.py"
MODEL = "tests/property/test_store_model.py"
REAL = "tests/integration/postgres/test_append.py"
LONE = "tests/integration/postgres/test_lone_append.py"
WALLS = "tests/integration/postgres/test_roles.py"

MUTATIONS = (
    Mutation(
        name="append-duplicate-check-removed",
        file=APPEND,
        before="IF v_known[i] IS NOT NULL OR",
        after="IF false OR",
        breaks="A command that is sent again has its effect once and gets its first answer.",
        tests=(f"{APPENDS}::test_a_repeat_gets_the_first_answer",),
    ),
    Mutation(
        name="append-repeat-in-a-batch-not-seen",
        file=APPEND,
        before="OR (p_same[i] > 0 AND o_status[p_same[i]] IN (0, 1))",
        after="",
        breaks="An id twice in one batch is a duplicate, and fails nobody.",
        tests=(f"{APPENDS}::test_an_id_twice_in_a_batch_is_a_duplicate",),
    ),
    Mutation(
        name="append-lock-skipped",
        file=APPEND,
        before="WHERE id = p_log FOR UPDATE;\n    IF NOT FOUND THEN",
        after="WHERE id = p_log;\n    IF NOT FOUND THEN",
        breaks="Appends of one log take turns, so that each sees what was committed before it.",
        tests=(
            f"{REAL}::test_who_waited_sees_what_was_committed_meanwhile",
            f"{REAL}::test_nodes_that_hammer_one_log",
        ),
    ),
    Mutation(
        name="append-expectation-not-checked",
        file=APPEND,
        before="                v_holds := es.holds(\n",
        after="                v_holds := true OR es.holds(\n",
        breaks="What was decided on a stream as it no longer is, is not written.",
        tests=(EXPECTATIONS,),
    ),
    Mutation(
        name="append-undecided-since-checked-against-the-version",
        file=APPEND,
        before="WHEN 4 THEN p_version >= p_wanted AND p_decided <= p_wanted",
        after="WHEN 4 THEN p_version = p_wanted",
        breaks="Two may type at once: what does not decide conflicts with nothing.",
        tests=(f"{EXPECTATIONS}::test_two_may_type_at_once",),
    ),
    Mutation(
        name="append-shorter-stream-accepted",
        file=APPEND,
        before="WHEN 4 THEN p_version >= p_wanted AND p_decided <= p_wanted",
        after="WHEN 4 THEN p_decided <= p_wanted",
        breaks="What was decided on a stream of another history is not written into this one.",
        tests=(EXPECTATIONS,),
    ),
    Mutation(
        name="append-dependency-ignored",
        file=APPEND,
        before="v_holds := v_found IS NOT NULL AND v_found = p_after_version[i];",
        after="v_holds := true;",
        breaks="A decision on a provisional outcome is written only if that came out exactly so.",
        tests=(f"{APPENDS}::test_a_dependency_must_have_come_out_exactly_so",),
    ),
    Mutation(
        name="append-dependency-in-another-stream",
        file=APPEND,
        before="AND (a.stream IS NULL OR e.stream = a.stream)",
        after="",
        breaks="An outcome that a decision rests on is one event of one stream, and no other.",
        tests=(f"{APPENDS}::test_a_dependency_must_have_come_out_exactly_so",),
    ),
    Mutation(
        name="append-position-from-a-sequence",
        file=APPEND,
        before="coalesce(head.position, 0), coalesce(head.hash",
        after="pg_current_xact_id()::text::bigint, coalesce(head.hash",
        breaks="Positions have no gap, so that a gap means a loss.",
        tests=(f"{APPENDS}::test_positions_and_versions_have_no_hole",),
    ),
    Mutation(
        name="append-time-goes-back",
        file=APPEND,
        before="v_recorded_at := greatest(o_now, v_recorded_at + 1) - 1;",
        after="v_recorded_at := o_now - 1;",
        breaks="Within a log the time never goes back, whatever the server's clock does.",
        tests=(f"{REAL}::test_time_goes_on_though_the_clock_went_back",),
    ),
    Mutation(
        name="append-goes-on-after-a-broken-part",
        file=APPEND,
        before="EXIT WHEN NOT v_holds;",
        after="",
        breaks="A command is written as a whole or not at all.",
        tests=(f"{APPENDS}::test_a_command_is_whole_or_not_at_all",),
    ),
    Mutation(
        name="append-decided-of-the-event-only",
        file=APPEND,
        before="o_decided[j] := v_decided[v_stream];",
        after="o_decided[j] := CASE WHEN p_deciding[j] THEN v_found ELSE 0 END;",
        breaks="Each row knows its stream's last deciding event, which expectations rest on.",
        tests=(f"{APPENDS}::test_a_row_knows_the_last_deciding_event",),
    ),
    Mutation(
        name="append-under-a-dead-key",
        file=APPEND,
        before="WHERE (\n                SELECT s.wrapped IS NOT NULL FROM",
        after="WHERE (\n                SELECT true FROM",
        breaks="No event that was acked lies under a key that is destroyed.",
        tests=(f"{REAL}::test_an_erasure_on_another_node_is_felt_at_once",),
    ),
    Mutation(
        name="append-to-an-erased-subject",
        file=APPEND,
        before="ELSIF p_erased[i] THEN",
        after="ELSIF false THEN",
        breaks="After an erasure nothing is added about its subject.",
        tests=(
            "tests/contract/test_event_store_erasure.py::test_nothing_is_added_under_a_destroyed_key",
        ),
    ),
    Mutation(
        name="lone-append-lock-skipped",
        file=APPEND,
        before="WHERE id = p_log FOR UPDATE;\n    o_now",
        after="WHERE id = p_log;\n    o_now",
        breaks="An event that comes alone takes its turn with all other appends of its log.",
        tests=(f"{LONE}::test_it_waits_for_the_lock_and_then_looks",),
    ),
    Mutation(
        name="lone-append-duplicate-check-removed",
        file=APPEND,
        before="WHERE NOT EXISTS (\n"
        "            SELECT FROM es.event AS e"
        " WHERE e.tenant = p_log AND e.event_id = p_event_id\n"
        "        )\n        AND (",
        after="WHERE (",
        breaks="A command that comes alone a second time gets its first answer.",
        tests=(f"{LONE}::test_a_repeat_gets_its_first_answer",),
    ),
    Mutation(
        name="lone-append-expectation-not-checked",
        file=APPEND,
        before="AND es.holds(p_kind, p_wanted, coalesce(own.version, 0)",
        after="AND es.holds(0, p_wanted, coalesce(own.version, 0)",
        breaks="What comes alone is judged as in a batch.",
        tests=(f"{LONE}::test_it_is_judged_as_in_a_batch",),
    ),
    Mutation(
        name="lone-append-reads-not-checked",
        file=APPEND,
        before="IF cardinality(p_read_stream) > 0 THEN",
        after="IF false THEN",
        breaks="What comes alone rests on the streams that it only read, too.",
        tests=(f"{LONE}::test_it_is_judged_as_in_a_batch",),
    ),
    Mutation(
        name="lone-append-dependency-ignored",
        file="adapters/postgres/lone.py",
        before="if len(batch) > 1 or batch[0].after is not None:",
        after="if len(batch) > 1:",
        breaks="What rests on another command's outcome is not written without it, alone or not.",
        tests=(f"{APPENDS}::test_a_dependency_must_have_come_out_exactly_so",),
    ),
    Mutation(
        name="lone-append-under-a-dead-key",
        file=APPEND,
        before="AND (\n            SELECT s.wrapped IS NOT NULL FROM",
        after="AND (\n            SELECT true FROM",
        breaks="No event that was acked lies under a key that is destroyed, alone or not.",
        tests=(f"{LONE}::test_a_key_that_was_destroyed_elsewhere_is_noticed",),
    ),
    Mutation(
        name="lone-append-decides-nothing",
        file=APPEND,
        before="CASE WHEN p_deciding THEN coalesce(own.version, 0) + 1"
        " ELSE coalesce(own.decided, 0) END,",
        after="coalesce(own.decided, 0),",
        breaks="A row that came alone knows whether it decides.",
        tests=(f"{APPENDS}::test_a_row_knows_the_last_deciding_event", LONE),
    ),
    Mutation(
        name="lone-append-time-goes-back",
        file=APPEND,
        before="greatest(o_now, es.micros(head.recorded_at) + 1), head.hash",
        after="o_now, head.hash",
        breaks="Within a log the time never goes back, whatever comes alone.",
        tests=(f"{LONE}::test_time_goes_on",),
    ),
    Mutation(
        name="failed-look-up-fails-the-batch",
        file="adapters/postgres/store.py",
        before="return [LookupFailed()] * len(commands)",
        after='raise StoreUnavailable("the first answers cannot be looked up")',
        breaks="What is committed is answered so, whatever fails after that.",
        tests=(f"{REAL}::test_a_look_up_that_fails_takes_nothing_from_what_was_committed",),
    ),
    Mutation(
        name="heads-of-the-wrong-tenant",
        file=READ,
        before="WHERE e.tenant = l.id ORDER BY e.position DESC LIMIT 1",
        after="ORDER BY e.position DESC LIMIT 1",
        breaks="A log's head is its own and no other tenant's.",
        tests=("tests/contract/test_event_store_reading.py::test_heads_of_all_logs",),
    ),
    Mutation(
        name="log-read-without-its-tenant",
        file=READ,
        before="WHERE es.event.tenant = p_log AND es.event.position > p_after",
        after="WHERE es.event.position > p_after",
        breaks="The relay, which may read all logs, publishes each as its own tenant's.",
        tests=("tests/contract/test_outbox.py::test_what_is_read_is_that_logs_own",),
    ),
    Mutation(
        name="row-level-security-off",
        file=ROLES,
        before="    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', p_table);\n",
        after="",
        breaks="A forgotten WHERE shows no other tenant's rows.",
        tests=(f"{WALLS}::test_a_forgotten_where_returns_nothing",),
    ),
    Mutation(
        name="row-level-security-lets-all-through",
        file=ROLES,
        before="'CREATE POLICY own_tenant ON %s USING (tenant = (SELECT es.tenant()))', p_table",
        after="'CREATE POLICY own_tenant ON %s USING (true)', p_table",
        breaks="A node sees and writes rows of the tenant that it has named only.",
        tests=(f"{WALLS}::test_a_forgotten_where_returns_ones_own",),
    ),
    Mutation(
        name="log-may-be-deleted-from",
        file=f"{MIGRATIONS}0002_log.sql",
        before="BEFORE UPDATE OR DELETE OR TRUNCATE ON es.event",
        after="BEFORE UPDATE OR TRUNCATE ON es.event",
        breaks="What is in the log is never taken out, by nobody's mistake.",
        tests=(f"{WALLS}::test_the_log_is_append_only",),
    ),
    Mutation(
        name="server-that-loses-commits-taken",
        file="adapters/postgres/pools.py",
        before='names = ("fsync", "full_page_writes", "synchronous_commit")',
        after='names = ("fsync", "full_page_writes")',
        breaks="An ack is durable: a server where a commit is not is refused.",
        tests=(
            "tests/integration/postgres/test_migrations.py::test_a_database_that_loses_commits_is_refused",
        ),
    ),
    Mutation(
        name="twin-duplicate-check-removed",
        file=TWIN,
        before="        if known is not None:\n            return known\n",
        after="",
        breaks="The twin too knows a command that it has.",
        tests=(f"{MODEL}::test_memory",),
        played=True,
    ),
    Mutation(
        name="twin-judges-before-it-recognises",
        file=TWIN,
        before="        if known is not None:\n            return known\n"
        "        if not self._depends_rightly(command.after)"
        " or not all(map(self._meets, command.parts)):\n            return Conflict()\n",
        after="        if not self._depends_rightly(command.after)"
        " or not all(map(self._meets, command.parts)):\n            return Conflict()\n"
        "        if known is not None:\n            return known\n",
        breaks="A repeat that would be refused today gets its first answer.",
        tests=(f"{MODEL}::test_memory",),
    ),
    Mutation(
        name="twin-expectation-against-the-version",
        file=TWIN,
        before="return self._decided(part.stream) <= wanted.version <= version",
        after="return version == wanted.version",
        breaks="The twin too lets two type at once.",
        tests=(f"{MODEL}::test_memory",),
    ),
)
