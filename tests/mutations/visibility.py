"""Mutations of who may see and do what."""

from __future__ import annotations

from tests.mutations.mutation import Mutation

VISIBILITY = "domain/visibility.py"
ACCESS = "domain/access.py"
PERMISSIONS = "domain/permissions.py"

TABLE = "tests/unit/domain/test_visibility.py"
MAY_READ = "tests/unit/domain/test_access.py"

MUTATIONS = (
    Mutation(
        name="notes-shown-to-the-visitor",
        file=VISIBILITY,
        before='"note.added": Shown(visitor=None,',
        after='"note.added": Shown(visitor=("note", "body"),',
        breaks="A visitor never sees a note.",
        tests=(TABLE,),
        played=True,
    ),
    Mutation(
        name="department-shown-to-the-visitor",
        file=VISIBILITY,
        before='visitor=("agent", "name"), agent=("agent", "name", "department", "reason")',
        after='visitor=("agent", "name", "department"), agent=("agent", "name", "department")',
        breaks="A visitor is not told to which department it was handed.",
        tests=(TABLE,),
        played=True,
    ),
    Mutation(
        name="hidden-fields-written-out",
        file=VISIBILITY,
        before="return {name: form[name] for name in fields if name in form}",
        after="return form",
        breaks="Of an event each audience gets the fields that the table names.",
        tests=(TABLE,),
        played=True,
    ),
    Mutation(
        name="agents-reads-shown-to-the-visitor",
        file=VISIBILITY,
        before='return event.actor.role == "visitor" or _serves(event)',
        after="return True",
        breaks="What other agents have read is nobody's business on the visitor's side.",
        tests=(TABLE,),
        played=True,
    ),
    Mutation(
        name="positions-shown-to-the-visitor",
        file=VISIBILITY,
        before="position=event.position if audience is Audience.AGENT else UNSET,",
        after="position=event.position,",
        breaks="A visitor does not learn how much happens at the tenant.",
        tests=("tests/unit/domain/test_event_forms.py",),
        played=True,
    ),
    Mutation(
        name="limited-agent-reads-every-department",
        file=ACCESS,
        before="return access.department is not None and access.department in self.departments",
        after="return access.department is not None",
        breaks="A limited agent reads its own departments' conversations only.",
        tests=(MAY_READ,),
        quick=True,
        played=True,
    ),
    Mutation(
        name="out-of-sight-not-shown-to-who-had-it",
        file=ACCESS,
        before="return self.may_read(before) or self.may_read(after)",
        after="return self.may_read(after)",
        breaks="What takes a conversation out of sight is shown to those who had it.",
        tests=(MAY_READ,),
        played=True,
    ),
    Mutation(
        name="visitors-write-notes",
        file=PERMISSIONS,
        before='"post note": _AGENTS,',
        after='"post note": _ALL,',
        breaks="Only agents write notes.",
        tests=("tests/architecture/test_docs.py::test_permissions_are_those_of_the_code",),
    ),
    Mutation(
        name="operation-not-checked",
        file=PERMISSIONS,
        before="    if not may(role, OPS.get(op, frozenset())):\n",
        after="    if False:\n",
        breaks="What the table does not allow is refused.",
        tests=("tests/unit/websocket/test_session.py",),
    ),
    Mutation(
        name="api-key-good-for-every-scope",
        file=PERMISSIONS,
        before="if role == SERVER and not opened:",
        after="if False:",
        breaks="An API key is good for its scopes only.",
        tests=("tests/unit/api/test_permissions.py",),
    ),
    Mutation(
        name="conversation-read-by-http-unchecked",
        file="api/conversation_events.py",
        before="    await reading.check(call, conversation)\n",
        after="",
        breaks="A range is given by HTTP to those only who may read the conversation.",
        tests=("tests/unit/api/test_conversations.py",),
    ),
    Mutation(
        name="hidden-events-given-by-http",
        file="api/conversation_events.py",
        before="encode(event, audience) for event in events if is_shown(event, audience))",
        after="encode(event, Audience.AGENT) for event in events)",
        breaks="By HTTP too a visitor gets nothing that is hidden from it.",
        tests=("tests/unit/api/test_conversations.py",),
    ),
)
