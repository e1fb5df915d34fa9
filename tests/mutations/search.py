"""Mutations of search: found is what is there, for whoever may read it, and nothing tells of it."""

from __future__ import annotations

from tests.mutations.mutation import Mutation

EVOLVE = "projections/search/evolve.py"
HITS = "projections/search/hits.py"
PROJECTION = "projections/search/projection.py"
QUERY = "projections/search/query.py"
READER = "projections/search/reader.py"
WALK = "projections/search/walk.py"

LAWS = "tests/unit/projections/test_search_laws.py"
QUERIES = "tests/unit/projections/test_search_query.py"
TERMS = "tests/unit/projections/test_search_terms.py"
POSTGRES = "tests/integration/projections/test_search_postgres.py"

MUTATIONS = (
    Mutation(
        name="search-rights-not-asked",
        file="projections/sessions/sql/among.sql",
        before="AND ($6::text IS NULL OR s.assignee = $6 OR s.department = ANY ($7::text[]))",
        after="AND ($6::text IS NULL OR $7::text[] IS NOT NULL)",
        breaks="A limited agent finds nothing in conversations that it may not read.",
        tests=(f"{POSTGRES}::test_an_agent_finds_what_it_may_read",),
    ),
    Mutation(
        name="search-hits-not-verified",
        file=HITS,
        before="        if marks is not None:\n",
        after="        marks = marks or [(0, 1)]\n        if text:\n",
        breaks="A hit has what was asked for in its text; the index alone proves nothing.",
        tests=(f"{POSTGRES}::test_what_is_found_is_what_is_there",),
    ),
    Mutation(
        name="search-index-keeps-the-erased",
        file=EVOLVE,
        before="            erased.add(conversation)\n",
        after="            pass\n",
        breaks="Nothing of an erased conversation stays in the index.",
        tests=(LAWS, f"{POSTGRES}::test_nothing_of_the_erased_stays"),
    ),
    Mutation(
        name="search-page-keeps-the-erased",
        file=EVOLVE,
        before="    if erased:\n",
        after="    if not erased:\n",
        breaks="What was read just before its erasure is not indexed.",
        tests=(f"{LAWS}::test_words_read_before_their_erasure_go_with_it",),
    ),
    Mutation(
        name="search-full-windows-keep-the-erased",
        file=PROJECTION,
        before="in sorted(_by_window(stored.gone).items()):\n",
        after="in sorted(_by_window(stored.gone).items())[1:]:\n",
        breaks="An erasure reaches every window that the conversation spoke in.",
        tests=(f"{POSTGRES}::test_nothing_of_the_erased_stays",),
    ),
    Mutation(
        name="search-index-in-clear",
        file=PROJECTION,
        before='    digests = await cipher.digests(log, "rm.search_posting.term", terms)\n',
        after='    digests = [(term.encode() + b"   ") for term in terms]\n',
        breaks="The index holds keyed digests, and no part of a word.",
        tests=(f"{POSTGRES}::test_the_tables_hold_no_words",),
    ),
    Mutation(
        name="search-window-left-out",
        file=WALK,
        before="(newest - count + 1) * layout.WINDOW)",
        after="(newest - count) * layout.WINDOW)",
        breaks="Every window of the log is looked into.",
        tests=(f"{POSTGRES}::test_what_is_found_is_what_is_there",),
    ),
    Mutation(
        name="search-stops-silently",
        file=READER,
        before="complete=next_ is None or len(items) == limit,",
        after="complete=True,",
        breaks="A search that stopped at a limit says so.",
        tests=(f"{POSTGRES}::test_a_search_says_where_it_stopped",),
    ),
    Mutation(
        name="search-reflects-more-than-rights",
        file=READER,
        before="parts = (INDEX, PLACED, *(",
        after="parts = (INDEX, *(",
        breaks="The position that an answer reflects is one that the session views have too.",
        tests=(f"{POSTGRES}::test_an_answer_reflects_one_position",),
    ),
    Mutation(
        name="search-cursor-skips",
        file=READER,
        before="            return examination.hits[limit - 1].position\n",
        after="            return examination.hits[limit].position\n",
        breaks="A page goes on right behind the one before: no hit is left out.",
        tests=(f"{POSTGRES}::test_pages_make_up_the_whole",),
    ),
    Mutation(
        name="search-phrase-of-words-in-one-place",
        file=QUERY,
        before="if asked.joined else at) >> k\n",
        after="if asked.joined else at)\n",
        breaks="A phrase is found where its words follow one another.",
        tests=(QUERIES,),
    ),
    Mutation(
        name="search-characters-apart-found-together",
        file=QUERY,
        before="(at & self._joined if asked.joined else at)",
        after="at",
        breaks="Characters of a script without spaces are found right on one another.",
        tests=(QUERIES,),
    ),
    Mutation(
        name="search-one-clause-is-enough",
        file=QUERY,
        before="            if not found:\n                return None\n",
        after="",
        breaks="All that is asked for must occur.",
        tests=(QUERIES,),
    ),
    Mutation(
        name="search-wide-letters-are-others",
        file="projections/search/terms.py",
        before='return normalize("NFKC", normalize("NFKC", text).casefold())',
        after='return normalize("NFC", normalize("NFC", text).casefold())',
        breaks="Full width and half width are the same to whoever searches.",
        tests=(TERMS,),
    ),
    Mutation(
        name="search-marks-beside-the-hit",
        file="projections/search/snippet.py",
        before="    moved = len(head) - start\n",
        after="    moved = -start\n",
        breaks="The marks of a snippet are at what was found.",
        tests=(QUERIES,),
    ),
    Mutation(
        name="search-posting-of-the-last-only",
        file="projections/search/layout.py",
        before="                found.append(offset)\n",
        after='                row[digest] = array("H", (offset,))\n',
        breaks="A word is found wherever it was said.",
        tests=("tests/unit/projections/test_search_layout.py",),
    ),
    Mutation(
        name="search-by-tag-of-anybody",
        file="projections/sessions/sql/among.sql",
        before="t.tag = $5 AND t.conversation = s.id",
        after="t.tag = $5",
        breaks="A search limited to a tag has conversations with that tag.",
        tests=(f"{POSTGRES}::test_filters",),
    ),
)
