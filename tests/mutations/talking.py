"""Mutations of what people do at the desk and in the chat, and of who hears of it."""

from __future__ import annotations

from tests.mutations.mutation import Mutation

DECIDE = "domain/conversation/decide.py"
VISITOR = "domain/visitor/decide.py"
PLAN = "domain/handling/plan.py"
SEEN = "domain/visibility.py"

OF_CONVERSATIONS = "tests/unit/domain/test_conversation.py"
OF_VISITORS = "tests/unit/domain/test_visitor.py"
OF_AGENTS = "tests/unit/domain/test_agent.py"
OF_SEEN = "tests/unit/domain/test_visibility.py"
OF_SETTINGS = "tests/unit/domain/test_tenant_settings.py"
PEOPLE = "tests/unit/handling/test_people.py"
HANDLED = "tests/unit/handling/test_settings.py"

MUTATIONS = (
    Mutation(
        name="taken-though-not-free",
        file=DECIDE,
        before="if isinstance(command, c.Assign) and command.free and",
        after="if isinstance(command, c.Assign) and not command.free and",
        breaks="Of two agents who take one conversation one gets it, and the other is told.",
        tests=(OF_CONVERSATIONS,),
    ),
    Mutation(
        name="left-what-another-serves",
        file=DECIDE,
        before="    if state.access.assignee != actor.id:\n        raise Refused",
        after="    if state.access.assignee is None:\n        raise Refused",
        breaks="Nobody gives up what another agent serves.",
        tests=(OF_CONVERSATIONS,),
    ),
    Mutation(
        name="left-out-of-its-department",
        file=DECIDE,
        before="e.ConversationTransferred(department=state.access.department, reason=reason)",
        after="e.ConversationTransferred(reason=reason)",
        breaks="What is given up waits where it was.",
        tests=(OF_CONVERSATIONS,),
    ),
    Mutation(
        name="routed-though-served",
        file=DECIDE,
        before="free = state.access.assignee is None",
        after="free = True",
        breaks="What somebody serves is given to nobody else.",
        tests=(OF_CONVERSATIONS,),
    ),
    Mutation(
        name="released-from-another",
        file=DECIDE,
        before="serves = state.access.assignee == str(command.agent)",
        after="serves = state.access.assignee is not None",
        breaks="It is taken only from whom it was to be taken.",
        tests=(OF_CONVERSATIONS,),
    ),
    Mutation(
        name="routed-though-closed",
        file=DECIDE,
        before='    if state.status != "open":\n        return []',
        after='    if state.status == "none":\n        return []',
        breaks="What is closed is not given to anybody, and not missed.",
        tests=(OF_CONVERSATIONS,),
    ),
    Mutation(
        name="invited-while-it-talks",
        file=VISITOR,
        before='raise Refused("other_open", "The visitor has an open conversation.")',
        after="return []",
        breaks="Who talks already is not asked to.",
        tests=(OF_VISITORS, PEOPLE),
    ),
    Mutation(
        name="invitation-of-another-visitor-accepted",
        file=PLAN,
        before="invitation is not None and str(command.invitation) == invitation.id",
        after="invitation is not None",
        breaks="What begins by itself is not the agent's who asked before.",
        tests=(PEOPLE,),
    ),
    Mutation(
        name="invited-by-who-works-here-no-more",
        file=PLAN,
        before="    if not host.state.active:\n        return [started, *happened[1:]], ()\n",
        after="",
        breaks="What begins by an invitation of somebody who is gone waits for anybody.",
        tests=(PEOPLE,),
    ),
    Mutation(
        name="device-noted-with-every-page",
        file=VISITOR,
        before="[] if command.device == state.device else [command.device]",
        after="[command.device]",
        breaks="What somebody comes with is noted when it is another than before.",
        tests=(OF_VISITORS,),
    ),
    Mutation(
        name="attributes-without-an-end",
        file=VISITOR,
        before="len(known.attributes) > MAX_ATTRIBUTES",
        after="len(command.attributes) > MAX_ATTRIBUTES",
        breaks="What a page says of its visitor has a bound, however often it says more.",
        tests=(OF_VISITORS,),
    ),
    Mutation(
        name="last-admin-ends-itself",
        file=PLAN,
        before="        case agent_commands.Deactivate():\n            raise Refused(",
        after="        case agent_commands.SignOut():\n            raise Refused(",
        breaks="The last admin does not end itself.",
        tests=("tests/unit/api/test_agent_management.py",),
    ),
    Mutation(
        name="retired-though-offline",
        file="domain/agent/decide.py",
        before="return [] if state.status == OFFLINE else [gone]",
        after="return [gone]",
        breaks="Who is offline is not told to be so again.",
        tests=(OF_AGENTS, PEOPLE),
    ),
    Mutation(
        name="status-without-why",
        file="domain/agent/decide.py",
        before='reason = "idle" if command.status == AWAY else "back"',
        after='reason = "idle"',
        breaks="A status that changed by itself says why.",
        tests=(OF_AGENTS, PEOPLE),
    ),
    Mutation(
        name="visitor-hears-that-it-was-missed",
        file=SEEN,
        before='"conversation.missed": Shown(visitor=None,',
        after='"conversation.missed": Shown(visitor=("reason",),',
        breaks="That nobody answered in time is agents' business.",
        tests=(OF_SEEN,),
    ),
    Mutation(
        name="visitor-hears-why-it-was-passed-on",
        file=SEEN,
        before='"conversation.transferred": Shown(\n        visitor=("agent", "name"),',
        after='"conversation.transferred": Shown(\n        visitor=("agent", "name", "reason"),',
        breaks="Why another agent is there is agents' business.",
        tests=(OF_SEEN, "tests/architecture/test_docs.py"),
    ),
    Mutation(
        name="delivered-to-any-desk",
        file=DECIDE,
        before="(not elsewhere and upto",
        after="(upto",
        breaks="What a visitor wrote has arrived once it is with who serves it, not at any desk.",
        tests=("tests/unit/domain/test_conversation.py",),
    ),
    Mutation(
        name="visitor-hears-what-is-known-of-it",
        file=SEEN,
        before='"visitor.introduced": Shown(visitor=None,',
        after='"visitor.introduced": Shown(visitor=("name", "email"),',
        breaks="What agents noted of a visitor is not shown to it.",
        tests=(OF_SEEN,),
    ),
    Mutation(
        name="rule-of-another-language",
        file="domain/tenant/reception.py",
        before="spoken == asked or spoken.startswith",
        after="spoken.startswith",
        breaks="A rule for a language is for that language.",
        tests=(OF_SETTINGS,),
    ),
    Mutation(
        name="rule-that-was-switched-off",
        file="domain/tenant/reception.py",
        before="if rule.enabled and _fits(",
        after="if _fits(",
        breaks="A rule that is switched off says nothing.",
        tests=(OF_SETTINGS, HANDLED),
    ),
    Mutation(
        name="open-on-a-holiday",
        file="domain/tenant/calendar.py",
        before="self._holidays.get(day.isoformat(), self._week[day.weekday()])",
        after="self._week[day.weekday()]",
        breaks="On a holiday the holiday's hours hold.",
        tests=("tests/unit/domain/test_calendar.py",),
    ),
    Mutation(
        name="client-gives-its-identity-at-every-visit",
        file="web/client/door.ts",
        before="identity && account?.user === identity.user;",
        after="identity && account?.user !== identity.user;",
        breaks="An identity is exchanged once, and a secret of another user is not used for it.",
        tests=("web/client/tests/visitor.test.ts",),
    ),
)
