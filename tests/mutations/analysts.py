"""Mutations of what analysts read with SQL: one tenant's rows, no ciphertext, by no setting."""

from __future__ import annotations

from tests.mutations.mutation import Mutation

SQL = "adapters/postgres/sql/migrations/0015_analysts.sql"
VIEWS = "projections/analysts/sql/views.sql"

TESTS = "tests/integration/projections/test_analysts.py"
OWN = f"{TESTS}::test_every_view_shows_ones_own_tenant"

MUTATIONS = (
    Mutation(
        name="analysts-see-every-tenant",
        file="projections/sql/schema.sql",
        before="' USING (tenant = (SELECT analytics.tenant()))'",
        after="' USING (true)'",
        breaks="An analyst sees the rows of one tenant.",
        tests=(OWN,),
    ),
    Mutation(
        name="view-in-the-owners-name",
        file=VIEWS,
        before="CREATE VIEW analytics.agents WITH (security_invoker = true) AS",
        after="CREATE VIEW analytics.agents AS",
        breaks="A view passes row-level security on to whoever asks.",
        tests=(OWN,),
    ),
    Mutation(
        name="analyst-chooses-its-tenant",
        file=SQL,
        before="RETURN (SELECT a.log FROM analytics.analyst AS a WHERE a.role = current_user);",
        after="RETURN coalesce(nullif(current_setting('app.tenant', true), '')::uuid,"
        " (SELECT a.log FROM analytics.analyst AS a WHERE a.role = current_user));",
        breaks="Whose an analyst is, no setting of a session changes.",
        tests=(f"{TESTS}::test_no_setting_shows_another_tenant",),
    ),
    Mutation(
        name="positions-of-every-tenant",
        file=SQL,
        before="ON a.log = c.tenant\n",
        after="ON a.log IS NOT NULL\n",
        breaks="How much happens at another tenant is not an analyst's to know.",
        tests=(OWN,),
    ),
    Mutation(
        name="analysts-read-ciphertext",
        file=VIEWS,
        before="GRANT SELECT (\n    tenant, id, active, since\n) ON agent_4",
        after="GRANT SELECT (\n    tenant, id, active, since, label\n) ON agent_4",
        breaks="No ciphertext is among what analysts may read.",
        tests=(f"{TESTS}::test_an_analyst_may_do_nothing_else",),
    ),
    Mutation(
        name="analyst-stays-when-removed",
        file="adapters/postgres/analysts.py",
        before='    await _execute(connection, "DROP ROLE %I", role)\n',
        after="",
        breaks="A login that was removed does not come in again.",
        tests=(f"{TESTS}::test_logins_are_listed_and_end",),
    ),
)
