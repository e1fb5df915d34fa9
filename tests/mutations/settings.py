"""Mutations of what a tenant sets up: who may, where it holds, and who is told."""

from __future__ import annotations

from tests.mutations.mutation import Mutation

PLAN = "domain/handling/plan.py"
HANDLED = "tests/unit/handling/test_settings.py"
ASKED = "tests/unit/api/test_settings.py"
CONDITIONS = "tests/unit/api/test_settings_conditions.py"

MUTATIONS = (
    Mutation(
        name="two-admins-end-each-other",
        file=PLAN,
        before='raise Refused("not_allowed", "Only an admin may do this.")\n    return reads\n',
        after='raise Refused("not_allowed", "Only an admin may do this.")\n    return ()\n',
        breaks="An admin is one still when what it asks is written, so that there always is one.",
        tests=(f"{HANDLED}::test_of_two_admins_who_end_each_other_one_stays",),
    ),
    Mutation(
        name="received-by-yesterdays-rules",
        file=PLAN,
        before="[started, *tagged, *happened[1:]], (_read(streams.TENANT, entry),)",
        after="[started, *tagged, *happened[1:]], ()",
        breaks="A rule of reception holds at once on every node.",
        tests=(f"{HANDLED}::test_a_rule_holds_at_once_on_every_node",),
    ),
    Mutation(
        name="status-that-was-taken-away",
        file=PLAN,
        before='"There is no such status.")\n    return (_read(streams.TENANT, entry),)',
        after='"There is no such status.")\n    return ()',
        breaks="A status is one that the tenant has when it is said.",
        tests=(f"{HANDLED}::test_a_status_is_built_in_or_the_tenants",),
    ),
    Mutation(
        name="widget-as-it-first-was",
        file="api/sites.py",
        before="widget is None or there is not tenant",
        after="widget is None or there is None",
        breaks="A page learns how its widget is now.",
        tests=(f"{ASKED}::test_a_change_holds_on_every_node",),
    ),
    Mutation(
        name="rules-shown-to-every-agent",
        file="api/settings.py",
        before="call.caller.role == AGENT and not call.caller.is_admin",
        after="call.caller.role == AGENT and call.caller.is_admin",
        breaks="Rules, origins and appearances are an admin's to see.",
        tests=(f"{ASKED}::test_an_agent_sees_what_it_works_with",),
    ),
    Mutation(
        name="old-password-not-asked",
        file="domain/handling/staff.py",
        before="if not await self._passwords.verify(old, agent.password):",
        after="if await self._passwords.verify(old, None):",
        breaks="Whoever finds an open desk cannot change its agent's password.",
        tests=("tests/unit/api/test_agent_management.py",),
    ),
    Mutation(
        name="changed-whatever-was-seen",
        file="domain/tenant/places.py",
        before="match.check(version_at(_place_of(command), state))",
        after="version_at(_place_of(command), state)",
        breaks="Of two who change one value the second overwrites nothing that it has not seen.",
        tests=(f"{CONDITIONS}::test_each_section_is_changed_as_it_was_seen",),
    ),
    Mutation(
        name="page-told-twice",
        file="domain/handling/visitor_door.py",
        before="ViewPage(each.id, each.page)",
        after="ViewPage(self._ids.uuid(), each.page)",
        breaks="A page that is told again, since nobody heard the answer, was seen once.",
        tests=("tests/unit/test_doors.py",),
    ),
    Mutation(
        name="secret-told-to-a-key",
        file="api/settings_sites.py",
        before="made.secret if call.caller.is_admin else UNSET",
        after="made.secret",
        breaks="An API key that writes settings opens no visitor's conversations.",
        tests=(f"{CONDITIONS}::test_a_sites_secret_is_told_once",),
    ),
    Mutation(
        name="greeting-forgotten-for-others",
        file="domain/tenant/spoken.py",
        before="(now is not None and text in now.text.values()) or ",
        after="",
        breaks="What a welcome rule says now greeted whoever was greeted by it.",
        tests=("tests/unit/domain/test_tenant_spoken.py",),
    ),
)
