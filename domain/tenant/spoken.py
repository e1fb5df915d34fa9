"""What welcome rules say and have said, so that a visitor cannot put words into their mouths.

A page may show a text that was changed, or a rule that was removed, a moment ago: what was once
said stays said. What nobody has said is no reason to refuse a visitor's words; it is left out.
"""

from __future__ import annotations

from collections.abc import Mapping

from domain.tenant.values import Welcome

Welcomes = Mapping[str, Welcome]
"""The rules as they are, by their keys."""

Spoken = tuple[tuple[str, str], ...]
"""Rules and texts of before, those given up last at the end."""

MAX_SPOKEN = 512
"""Texts that are remembered beside those that hold: 64 rules in two languages, changed four times.
What holds is never among those that are forgotten."""


def evolve(spoken: Spoken, welcomes: Welcomes, rule: str) -> Spoken:
    """With what a rule said until now, when it changes or goes."""
    before = welcomes.get(rule)
    said = () if before is None else tuple((rule, text) for text in before.text.values())
    return (*(each for each in spoken if each not in said), *said)[-MAX_SPOKEN:]


def has_said(welcomes: Welcomes, spoken: Spoken, rule: str, text: str) -> bool:
    """Whether the rule has this text, or once had."""
    now = welcomes.get(rule)
    return (now is not None and text in now.text.values()) or (rule, text) in spoken
