"""Mutations of the past: what is shown of it, to whom, and states that begin at a snapshot."""

from __future__ import annotations

from tests.mutations.mutation import Mutation

VIEWS = "projections/sessions/past.py"
MOMENTS = "adapters/postgres/sql/migrations/0016_moments.sql"
SNAPSHOTS = "adapters/postgres/sql/migrations/0019_snapshots.sql"
STATES = "domain/handling/states.py"

LAWS = "tests/unit/projections/test_past.py"
ASKED = "tests/unit/api/test_past.py"
STORES = "tests/contract/test_event_store_moments.py"
KEPT = "tests/unit/handling/test_snapshots.py"
ROWS = "tests/integration/postgres/test_snapshots.py"

MUTATIONS = (
    Mutation(
        name="past-knows-the-future",
        file=VIEWS,
        before="                if event.position > upto:\n",
        after="                if event.position > upto + 1:\n",
        breaks="A view as it was holds nothing of later.",
        tests=(LAWS,),
    ),
    Mutation(
        name="past-forgets-who-it-was",
        file=VIEWS,
        before='            if event.type == "conversation.started":\n',
        after="            if False:\n",
        breaks="A view as it was has the visitor's name, as the projector had it.",
        tests=(LAWS,),
    ),
    Mutation(
        name="past-transcript-goes-on",
        file="api/conversation_events.py",
        before="        head = replace(head, number=moment.version)\n",
        after="        head = replace(head, number=max(head.number, moment.version))\n",
        breaks="A transcript as it was ends where it ended.",
        tests=(ASKED,),
    ),
    Mutation(
        name="past-open-to-visitors",
        file="api/moments.py",
        before="    check_past(call.caller.role)\n",
        after="",
        breaks="Visitors see the present of their own conversation.",
        tests=(ASKED,),
    ),
    Mutation(
        name="moment-misses-its-own-microsecond",
        file=MOMENTS,
        before="            )) <= p_time THEN\n",
        after="            )) < p_time THEN\n",
        breaks="A time names the last event recorded at or before it.",
        tests=(STORES,),
    ),
    Mutation(
        name="moment-beyond-the-head",
        file=MOMENTS,
        before="        o_position := least(p_position, o_head);\n",
        after="        o_position := p_position;\n",
        breaks="Beyond the head there is the present, and nothing else.",
        tests=(STORES,),
    ),
    Mutation(
        name="snapshot-of-another-history-found",
        file=SNAPSHOTS,
        before="AND s.form = p_form AND s.hash = (\n",
        after="AND s.form = p_form AND s.hash = ANY (SELECT s.hash UNION ALL\n",
        breaks="A snapshot is believed only where the log has the event that it was made at.",
        tests=(ROWS,),
    ),
    Mutation(
        name="snapshot-outlives-its-key",
        file=SNAPSHOTS,
        before="        AND s.tenant = p_log AND s.key_id = k.key_id;\n",
        after="        AND s.tenant = p_log AND s.key_id = k.key_id AND k.wrapped IS NOT NULL;\n",
        breaks="With a subject's key its snapshots go, and not even ciphertext stays.",
        tests=(ROWS,),
    ),
    Mutation(
        name="snapshot-of-a-wrong-place",
        file=STATES,
        before="        return Entry(state, version, saved=version)\n",
        after="        return Entry(state, entry.version, saved=version)\n",
        breaks="What comes after a snapshot is folded from just behind it.",
        tests=(KEPT,),
    ),
    Mutation(
        name="snapshot-asked-for-always",
        file=STATES,
        before="        if entry.version < keeper.look_after:\n            return entry\n",
        after="",
        breaks="A short stream costs no question for a snapshot.",
        tests=(KEPT,),
    ),
    Mutation(
        name="snapshot-on-its-way-outlives-its-history",
        file=STATES,
        before="            self._keeper.forget()\n",
        after="            pass\n",
        breaks="What waits to be written is let go of with its history.",
        tests=(KEPT,),
    ),
    Mutation(
        name="moment-of-the-readers-own-clock",
        file="domain/moments.py",
        before="    return None if found.tzinfo is None else found\n",
        after="    return found.replace(tzinfo=found.tzinfo or UTC)\n",
        breaks="A time without its offset is refused, and not guessed at.",
        tests=("tests/unit/domain/test_moments.py",),
    ),
    Mutation(
        name="moment-of-another-day",
        file="domain/moments.py",
        before="datetime.combine(msgspec.convert(text, date), time(), zone)",
        after="datetime.combine(msgspec.convert(text, date), time(), UTC)",
        breaks="A date begins where the tenant is.",
        tests=("tests/unit/domain/test_moments.py",),
    ),
    Mutation(
        name="moment-before-it-began",
        file="api/moments.py",
        before="    if stream is not None and not found.version:\n",
        after="    if stream is not None and found.version < 0:\n",
        breaks="Before a conversation began there is none to be shown.",
        tests=(ASKED,),
    ),
)
