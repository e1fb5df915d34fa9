"""Mutations of the console: the answer to what was asked last, and the past as it was."""

from __future__ import annotations

from tests.mutations.mutation import Mutation

STATE = "web/admin/state"
TESTS = "web/admin/tests"
TRAVEL = f"{TESTS}/travel.test.ts"
LOADING = f"{TESTS}/loading.test.ts"
REPORTS = f"{TESTS}/reports.test.ts"
REPORT = f"{TESTS}/report.test.ts"
PAST = f"{TESTS}/past.test.ts"
SETTINGS = f"{TESTS}/settings.test.ts"

MUTATIONS = (
    Mutation(
        name="console-shows-what-comes-last",
        file=f"{STATE}/latest.ts",
        before="if (wish === this._wish) this.now.value = loaded;",
        after="this.now.value = loaded;",
        breaks="What is shown is what was asked last, whatever comes last.",
        tests=(LOADING,),
    ),
    Mutation(
        name="console-numbers-under-another-name",
        file=f"{STATE}/reports.ts",
        before="    if (name !== this._name) this.shown.forget();\n",
        after="",
        breaks="A report's numbers never stand under another one's name.",
        tests=(REPORTS,),
    ),
    Mutation(
        name="console-asks-at-every-look",
        file=f"{STATE}/reports.ts",
        before="if (asked === this._asked && !again &&",
        after="if (asked === this._asked && again &&",
        breaks="Another look at the same numbers loads nothing.",
        tests=(REPORTS,),
    ),
    Mutation(
        name="console-old-page-to-a-new-question",
        file=f"{STATE}/search.ts",
        before="      if (asked !== this._asked) return;\n",
        after="",
        breaks="A page of an earlier search does not get into the next one.",
        tests=(LOADING,),
    ),
    Mutation(
        name="console-search-without-the-last-day",
        file=f"{STATE}/search.ts",
        before="moment(plus(to, 1))",
        after="moment(to)",
        breaks="A search up to a day has that day.",
        tests=(LOADING,),
    ),
    Mutation(
        name="console-marks-half-an-emoji",
        file=f"{STATE}/snippets.ts",
        before="const points = [...text];",
        after='const points = text.split("");',
        breaks="Hits are marked by code points, as the server counts them.",
        tests=(f"{TESTS}/format.test.ts",),
    ),
    Mutation(
        name="console-visitors-see-notes",
        file=f"{STATE}/travel.ts",
        before='new Set(["note.added", "conversation.tagged",',
        after='new Set(["conversation.tagged",',
        breaks="The visitor's eyes see what the visitor saw.",
        tests=(TRAVEL,),
    ),
    Mutation(
        name="console-visitors-see-the-department",
        file=f"{STATE}/travel.ts",
        before='"conversation.transferred": ["department"]',
        after='"conversation.transferred": []',
        breaks="The visitor's eyes see no department.",
        tests=(TRAVEL,),
    ),
    Mutation(
        name="console-reading-goes-back",
        file=f"{STATE}/travel.ts",
        before="return upto > before.upto ? { upto, at: event.at } : {};",
        after="return { upto, at: event.at };",
        breaks="Nobody has read less than before.",
        tests=(TRAVEL,),
    ),
    Mutation(
        name="console-holds-what-was-erased",
        file=f"{STATE}/past.ts",
        before="this.events.value = forgotten([...this.events.value, ...range.events]);",
        after="this.events.value = [...this.events.value, ...range.events];",
        also=(
            (
                'import { emptied, forgotten } from "./travel";',
                'import { emptied } from "./travel";',
            ),
        ),
        breaks="What is erased while somebody looks is gone from the page.",
        tests=(PAST,),
    ),
    Mutation(
        name="console-conversation-of-another-opening",
        file=f"{STATE}/past.ts",
        before="    const range = await this._api.events(this._id, this._upto, PAGE);\n"
        "    if (turn !== this._turn) return;\n",
        after="    const range = await this._api.events(this._id, this._upto, PAGE);\n",
        breaks="Events of one conversation do not get into the next.",
        tests=(PAST,),
    ),
    Mutation(
        name="console-slider-a-step-too-far",
        file=f"{STATE}/travel.ts",
        before="events.findIndex((event) => event.version > version)",
        after="events.findIndex((event) => event.version > version + 1)",
        breaks="A moment has what had happened by then, and no more.",
        tests=(TRAVEL,),
    ),
    Mutation(
        name="console-days-of-utc",
        file=f"{STATE}/spans.ts",
        before="{ timeZone: zone, year:",
        after='{ timeZone: zone && "UTC", year:',
        breaks="Today is what day it is where the tenant is.",
        tests=(f"{TESTS}/spans.test.ts",),
    ),
    Mutation(
        name="console-nothing-is-the-least",
        file=f"{STATE}/report.ts",
        before="return Number(a === null) - Number(b === null);",
        after="return (Number(a === null) - Number(b === null)) * (down ? 1 : -1);",
        breaks="Rows without a number come last, however they are put in order.",
        tests=(REPORT,),
    ),
    Mutation(
        name="console-pastes-a-formula",
        file=f"{STATE}/sheet.ts",
        before="return FORMULA.test(text) ? `'${text}` : text;",
        after="return FORMULA.test(text) ? text : text;",
        breaks="What is pasted into a sheet is no formula there.",
        tests=(f"{TESTS}/sheet.test.ts",),
    ),
    Mutation(
        name="console-missing-time-drawn-as-none",
        file="web/admin/chart/series.ts",
        before='const nothing = metric.unit === "count" ? 0 : null;',
        after='const nothing = metric.unit === "count" ? 0 : 0;',
        breaks="A time that nobody knows is drawn as unknown, and not as none.",
        tests=(REPORT,),
    ),
    Mutation(
        name="console-leaves-what-is-not-saved",
        file=f"{STATE}/guard.ts",
        before="    if (this.dirty) this.asking.value = go;\n    else go();\n",
        after="    go();\n",
        breaks="What was changed and not saved is not lost by a click elsewhere.",
        tests=(SETTINGS,),
    ),
    Mutation(
        name="console-takes-away-what-is-written",
        file=f"{STATE}/settings/draft.ts",
        before="if (!this.dirty.peek() && this.outcome.peek().kind",
        after="if (this.outcome.peek().kind",
        breaks="What another administrator changes does not replace what is being written.",
        tests=(SETTINGS,),
    ),
    Mutation(
        name="console-saves-twice",
        file=f"{STATE}/settings/draft.ts",
        before='    if (this.outcome.peek().kind === "saving") return false;\n',
        after="",
        breaks="A second press on Save changes nothing while the first is under way.",
        tests=(SETTINGS,),
    ),
)
