"""Mutations of webhooks: in order, under a lease, with the same ids, and nothing anew."""

from __future__ import annotations

from tests.mutations.mutation import Mutation

SQL = "adapters/postgres/sql/"
COURIER = "domain/webhooks/courier.py"

ROWS = "tests/contract/test_deliveries.py"
SENDING = "tests/unit/webhooks/test_sending.py"

MUTATIONS = (
    Mutation(
        name="delivery-noted-without-a-lease",
        file=f"{SQL}hold_line.sql",
        before="AND lease = $4",
        after="AND $4::uuid IS NOT NULL",
        breaks="Who lost its lease notes nothing over the one who has it.",
        tests=(f"{ROWS}::test_who_lost_its_lease_notes_nothing",),
    ),
    Mutation(
        name="leased-line-taken",
        file=f"{SQL}claim_line.sql",
        before="AND due_at <= $4",
        after="AND $4::double precision > 0",
        breaks="A line that somebody works on is nobody else's.",
        tests=(f"{ROWS}::test_what_is_leased_is_nobody_elses",),
    ),
    Mutation(
        name="deliveries-out-of-order",
        file=f"{SQL}first_deliveries.sql",
        before='ORDER BY "position" LIMIT 1',
        after='ORDER BY "position" DESC LIMIT 1',
        breaks="A conversation is told in order.",
        tests=(f"{ROWS}::test_a_line_is_worked_off_in_order",),
    ),
    Mutation(
        name="failed-delivery-overtaken",
        file=COURIER,
        before="        await self._parts.deliveries.postpone(claim, after, due_at)\n",
        after='        await self._note(claim, replace(after, state="dead", settled_at=now))\n',
        breaks="What fails is tried again, and holds up its conversation meanwhile.",
        tests=(SENDING,),
    ),
    Mutation(
        name="delivery-id-of-the-attempt",
        file="domain/webhooks/sending.py",
        before="signing.headers(str(event.id), int(now)",
        after='signing.headers(f"{event.id}-{now}", int(now)',
        breaks="An attempt that is repeated has the same id, so a receiver counts it once.",
        tests=(SENDING,),
    ),
    Mutation(
        name="redirect-taken-for-delivered",
        file="domain/webhooks/sending.py",
        before="return status // 100 == 2",
        after="return status // 100 in {2, 3}",
        breaks="Only 2xx says that the receiver has it.",
        tests=(SENDING,),
    ),
    Mutation(
        name="request-outlasts-the-lease",
        file=COURIER,
        before="within_s = min(self._settings.deadline_s, claim.until - LEASE_MARGIN_S - now)",
        after="within_s = self._settings.deadline_s",
        breaks="A request never outlasts the right to make it.",
        tests=(SENDING,),
    ),
    Mutation(
        name="rebuild-delivers-again",
        file="projections/webhooks/evolve.py",
        before="        elif event.position > followed:\n",
        after="        else:\n",
        breaks="A rebuild sends nothing a second time.",
        tests=("tests/unit/projections/test_webhook_laws.py",),
    ),
    Mutation(
        name="place-given-twice",
        file="domain/webhooks/dispatcher.py",
        before="        async with self._giving:\n            if self._full(line.hook):",
        after="        if True:\n            if self._full(line.hook):",
        breaks="No webhook gets more requests at a time than its places.",
        tests=(SENDING,),
    ),
    Mutation(
        name="leaked-secret-signs-on",
        file="domain/tenant/secrets.py",
        before="*(each.secret for each in old if now < each.until)",
        after="*(each.secret for each in old)",
        breaks="An old secret signs until its time is over.",
        tests=("tests/unit/domain/test_tenant_webhooks.py",),
    ),
)
