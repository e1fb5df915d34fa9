"""Mutations of exports: all of one position, whole after any kill, and read back as it was."""

from __future__ import annotations

from tests.mutations.mutation import Mutation

RUN = "ops/exports/run.py"
FILES = "ops/exports/files.py"
SOURCE = "projections/exports/source.py"
RECORDS = "projections/exports/records.py"
SCRIPT = "projections/exports/sql_script.py"

RUNS = "tests/unit/ops/test_exports.py"
CUT_OFF = f"{RUNS}::test_cut_off_anywhere_it_goes_on"
ONLY_THE_SAME = f"{RUNS}::test_only_the_same_export_is_gone_on_with"
FORMATS = "tests/unit/exports/test_formats.py"
REAL = "tests/integration/projections/test_exports_postgres.py"

MUTATIONS = (
    Mutation(
        name="export-half-a-record-kept",
        file=FILES,
        before="            self._file.truncate(size)\n",
        after="",
        breaks="What was written behind the last checkpoint is cut off before it goes on.",
        tests=(CUT_OFF,),
    ),
    Mutation(
        name="export-state-before-its-bytes",
        file=RUN,
        before="sizes=[file.checkpoint() for file in self._files])",
        after="sizes=[file._opened.tell() for file in self._files])",
        breaks="A checkpoint speaks of bytes that are on the disk, whatever is killed then.",
        tests=(CUT_OFF, "tests/integration/ops/test_export_killed.py"),
    ),
    Mutation(
        name="export-begins-again-at-the-first",
        file=RUN,
        before="begun.stand.position, begun.wanted, begun.upto)",
        after="begun.stand.position, begun.wanted)",
        breaks="An export that goes on has each conversation once.",
        tests=(CUT_OFF,),
    ),
    Mutation(
        name="export-checkpoint-within-a-conversation",
        file=RUN,
        before="                if late and piece.upto is not None:\n",
        after="                if late:\n",
        breaks="A checkpoint stands between two conversations, never within one.",
        tests=(CUT_OFF,),
    ),
    Mutation(
        name="export-goes-on-at-another-position",
        file=RUN,
        before="        return left\n\n    async def count(",
        after="        return replace(left, stand=await self._source.stand(wish.log))\n\n"
        "    async def count(",
        breaks="All of an export is as of one position, also where it was cut off.",
        tests=(f"{RUNS}::test_an_export_keeps_its_position",),
    ),
    Mutation(
        name="export-goes-on-with-others",
        file=RUN,
        before="(left.log, left.format, left.wanted) != (wish.log, wish.format, wish.wanted)",
        after="(left.log, left.format) != (wish.log, wish.format)",
        breaks="Only the same export is gone on with.",
        tests=(ONLY_THE_SAME,),
    ),
    Mutation(
        name="export-of-two-histories",
        file=RUN,
        before="if not await self._source.holds(wish.log, left.stand):",
        after="if await self._source.holds(wish.log, left.stand) is None:",
        breaks="An export that was begun on another history is not gone on with.",
        tests=(ONLY_THE_SAME,),
    ),
    Mutation(
        name="export-two-write-one-file",
        file=FILES,
        before="fcntl.LOCK_EX | fcntl.LOCK_NB",
        after="fcntl.LOCK_SH | fcntl.LOCK_NB",
        breaks="Two exports do not write one file.",
        tests=(f"{RUNS}::test_two_exports_do_not_write_one_file",),
    ),
    Mutation(
        name="export-replaces-unasked",
        file=RUN,
        before="if there and (left is None or not (left.whole or left.overwrite)):",
        after="if there and left is not None and not (left.whole or left.overwrite):",
        breaks="A file that is there already is not touched unless that was asked for.",
        tests=(f"{RUNS}::test_what_is_there_is_not_touched_unless_asked",),
    ),
    Mutation(
        name="export-formula-obeyed",
        file="domain/spreadsheets.py",
        before="return APOSTROPHE + text if text[:1] in FORMULAS else text",
        after="return text",
        breaks="What a stranger wrote is no formula in a spreadsheet.",
        tests=(f"{FORMATS}::test_no_cell_begins_as_a_formula_does",),
    ),
    Mutation(
        name="export-text-ends-the-statement",
        file=SCRIPT,
        before="""ESCAPE: ESCAPE * 2, "'": "''"})""",
        after="""ESCAPE: ESCAPE * 2})""",
        breaks="No text that people wrote is a part of the script's SQL.",
        tests=(FORMATS,),
    ),
    Mutation(
        name="export-json-ends-the-statement",
        file=SCRIPT,
        before="""{ESCAPE: "\\\\u241b", "'": "''"}""",
        after="""{ESCAPE: "\\\\u241b"}""",
        breaks="Nor is what stands in JSON.",
        tests=(FORMATS,),
    ),
    Mutation(
        name="export-loses-a-carriage-return",
        file=SCRIPT,
        before='"\\r": ESCAPE + "r", ',
        after="",
        breaks="A script says a text exactly, through SQLite's shell too.",
        tests=(FORMATS,),
    ),
    Mutation(
        name="export-damaged-taken-for-erased",
        file=RECORDS,
        before="erased=event.data is None and not event.damaged,",
        after="erased=event.data is None,",
        breaks="What is damaged is said to be damaged, and not erased.",
        tests=(f"{REAL}::test_a_damaged_event_is_said_to_be_damaged",),
    ),
    Mutation(
        name="export-knows-the-future",
        file="projections/exports/sql/events.sql",
        before=' AND o."position" <= $3\n',
        after=" AND $3::bigint IS NOT NULL\n",
        breaks="An export has nothing that came after its position.",
        tests=(f"{REAL}::test_everything_is_as_of_one_position",),
    ),
    Mutation(
        name="export-filters-by-the-present",
        file=SOURCE,
        before="(wanted.status is None or row.status == wanted.status)",
        after="True",
        breaks="Filters hold as of the export's position.",
        tests=(f"{REAL}::test_filters_hold_as_of_the_position",),
    ),
    Mutation(
        name="export-until-is-in-it",
        file="projections/exports/sql/wanted.sql",
        before="s.started_at < $5",
        after="s.started_at <= $5",
        breaks="Two months that are exported one after the other share no conversation.",
        tests=(f"{REAL}::test_a_time_is_of_the_beginning_and_its_end_is_not_in_it",),
    ),
    Mutation(
        name="export-of-views-that-are-behind",
        file=SOURCE,
        before='if msgspec.convert(rows[0]["as_of"], int) < position:',
        after='if msgspec.convert(rows[0]["as_of"], int) < 0:',
        breaks="Where the views are being rebuilt an export ends, and leaves nobody out.",
        tests=(f"{REAL}::test_views_that_fall_behind_end_an_export",),
    ),
    Mutation(
        name="export-that-broke-off-looks-whole",
        file="api/flowing.py",
        before='broke off: %s", scope["path"], described(error))\n',
        after='broke off: %s", scope["path"], described(error))\n'
        '            await send({"type": "http.response.body", "body": b"", "more_body": False})\n',
        breaks="A client is never told that it has all of what broke off.",
        tests=("tests/unit/api/test_exports.py",),
    ),
)
