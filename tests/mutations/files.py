"""Mutations of files: whose they are, what they are, and that each chunk counts once."""

from __future__ import annotations

from tests.mutations.mutation import Mutation

FILES = "domain/handling/files.py"
REACH = "domain/handling/file_reach.py"
DECIDE = "domain/file/decide.py"
CONTENTS = "api/file_contents.py"
INSPECTION = "adapters/files/inspection.py"
MIGRATION = "adapters/postgres/sql/migrations/0023_files.sql"

HTTP = "tests/unit/api/test_files.py"
REGISTER = "tests/contract/test_uploads.py"

MUTATIONS = (
    Mutation(
        name="file-read-by-any-agent",
        file=REACH,
        before="        if caller.may_read(placed.state.visitor, placed.state.access):\n",
        after="        if True:\n",
        breaks="Only those get a file who may read a conversation that has it.",
        tests=(f"{HTTP}::test_only_the_conversations_people_get_a_file",),
    ),
    Mutation(
        name="file-of-agents-shown-before-it-is-sent",
        file=REACH,
        before="    if caller.role == AGENT == state.role and",
        after="    if state.role == AGENT and",
        breaks="A visitor does not get what agents keep among themselves.",
        tests=(f"{HTTP}::test_what_is_agents_stays_theirs",),
    ),
    Mutation(
        name="file-of-a-note-shown-to-its-visitor",
        file="domain/handling/plan.py",
        before="if isinstance(said, e.NoteAdded):\n",
        after="if not said:\n",
        breaks="What is in a note is for agents, its file too.",
        tests=(f"{HTTP}::test_what_is_agents_stays_theirs",),
    ),
    Mutation(
        name="file-of-a-stranger-posted",
        file=DECIDE,
        before="VISITOR and (state.role, state.owner) == (actor.role, actor.id)\n",
        after="VISITOR == state.role\n",
        breaks="Nobody gets another's file by posting its id.",
        tests=(f"{HTTP}::test_a_message_carries_only_ones_own_file",),
    ),
    Mutation(
        name="file-chunk-bound-to-no-place",
        file="domain/file/names.py",
        before='    return f"file {file} chunk {number} of {count}"\n',
        after='    return f"file {file}"\n',
        breaks="A chunk in another's place does not open.",
        tests=(f"{HTTP}::test_a_chunk_in_anothers_place_does_not_open",),
    ),
    Mutation(
        name="file-content-not-looked-at",
        file=INSPECTION,
        before="            if _fits(kind, head):\n",
        after="            if head:\n",
        breaks="What a file's name says its content has to be.",
        tests=(f"{HTTP}::test_a_file_of_false_type_is_refused_by_its_content",),
    ),
    Mutation(
        name="file-shown-beside-what-is-ours",
        file=CONTENTS,
        before="POLICY = \"sandbox; default-src 'none'\"\n",
        after="POLICY = \"default-src 'self'\"\n",
        breaks="A stranger's file runs and shows nothing under our address.",
        tests=(f"{HTTP}::test_a_download_is_nothing_but_a_download",),
    ),
    Mutation(
        name="file-swept-though-in-the-log",
        file=MIGRATION,
        before="AND e.stream = 'file-' || f.file AND",
        after="AND e.stream = '' AND",
        breaks="A file that messages have is not removed, though its node died in between.",
        tests=(f"{REGISTER}::test_what_is_in_the_log_stays",),
    ),
    Mutation(
        name="file-outlives-its-key",
        file=MIGRATION,
        before="    UPDATE es.file AS f SET doomed = true, due_at = 0\n",
        after="    UPDATE es.file AS f SET due_at = f.due_at\n",
        breaks="With an erasure the bytes of files go too.",
        tests=(f"{REGISTER}::test_with_the_key_the_files_are_to_go",),
    ),
    Mutation(
        name="file-chunk-counted-twice",
        file=MIGRATION,
        before=" AND cardinality(f.chunks) = p_number",
        after="",
        breaks="A chunk that comes twice counts once.",
        tests=(f"{REGISTER}::test_chunks_count_once_and_in_order",),
    ),
)
