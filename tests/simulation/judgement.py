"""The judgement over one history, and over many: what is wrong, and whether enough was seen.

The harness fails loudly. A checker that looked at nothing, a scenario with too few commands or
faults, a kind of fault that never happened in many seeds: each is an error, as a broken promise is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from tests.simulation import (
    checkers_of_commands,
    checkers_of_ends,
    checkers_of_logs,
    checkers_of_ranges,
    checkers_of_rest,
    checkers_of_sight,
)
from tests.simulation.history import History
from tests.simulation.verdicts import Verdict

ALWAYS: tuple[Callable[[History], Verdict], ...] = (
    checkers_of_commands.nothing_acked_is_lost,
    checkers_of_commands.every_command_is_answered,
    checkers_of_commands.what_was_refused_did_not_happen,
    checkers_of_logs.nothing_is_doubled,
    checkers_of_logs.there_is_one_order,
    checkers_of_logs.decisions_agree,
    checkers_of_logs.people_act_within_their_rights,
    checkers_of_ranges.ranges_continue,
    checkers_of_ranges.live_means_caught_up,
    checkers_of_sight.readers_see_exactly_theirs,
    checkers_of_rest.everybody_has_everything,
    checkers_of_rest.views_are_folds,
    checkers_of_rest.queues_keep_their_limits,
)
"""What every scenario gives something to look at for."""

SOMETIMES: tuple[Callable[[History], Verdict], ...] = (
    checkers_of_commands.refusals_had_their_reason,
    checkers_of_commands.outages_had_their_reason,
    checkers_of_ranges.another_history_resets,
    checkers_of_rest.everything_was_published,
    checkers_of_sight.the_erased_are_gone,
    checkers_of_ends.the_deactivated_are_shut_out,
    checkers_of_ends.only_who_is_gone_is_shut_out,
    checkers_of_ends.conversations_end_for_a_reason,
)
"""What only some scenarios do; over many seeds they must have looked at something."""

MIN_COMMANDS, MIN_FAULTS = 100, 5
"""What a scenario must have had, at least."""

SHOWN = 5
"""How many findings of one checker are told."""


class Wrong(AssertionError):
    """What was found wrong in a scenario."""


def judge(history: History) -> Counter[str]:
    """How much each checker has looked at. Raises :class:`Wrong`."""
    looked: Counter[str] = Counter()
    wrong: list[str] = []
    for checker in (*ALWAYS, *SOMETIMES):
        found = checker(history)
        looked[checker.__name__] = found.looked
        wrong += [f"{checker.__name__}: {each}" for each in found.wrong[:SHOWN]]
        if not found.looked and checker in ALWAYS:
            wrong.append(f"{checker.__name__}: has seen nothing")
    wrong += [f"something failed: {each}" for each in history.failures[:SHOWN]]
    wrong += _too_little(history)
    if wrong:
        raise Wrong("\n".join(wrong))
    return looked


def _too_little(history: History) -> list[str]:
    commands, faults = len(history.sent), sum(history.faults.values())
    wrong = []
    if commands < MIN_COMMANDS:
        wrong.append(f"only {commands} commands were written, {MIN_COMMANDS} are due")
    if faults < MIN_FAULTS:
        wrong.append(f"only {faults} faults have happened, {MIN_FAULTS} are due")
    return wrong


def never_seen(kinds: frozenset[str], faults: Counter[str], looked: Counter[str]) -> list[str]:
    """What was to happen in many seeds, and did in none."""
    unmet = [f"no seed had this fault: {kind}" for kind in sorted(kinds) if not faults[kind]]
    unseen = [
        f"{each.__name__} has seen nothing in any seed"
        for each in SOMETIMES
        if not looked[each.__name__]
    ]
    return unmet + unseen
