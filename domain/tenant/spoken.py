"""What welcome rules have ever said, so that a visitor cannot put words into their mouths.

A page may show a text that was changed, or a rule that was removed, a moment ago: what was once
said stays said. What nobody has said is no reason to refuse a visitor's words; it is left out.
"""

from __future__ import annotations

from domain.tenant.section_events import WelcomeDefined

Spoken = tuple[tuple[str, str], ...]
"""Rules and texts, the latest last."""

MAX_SPOKEN = 512
"""Texts that are remembered: of the 64 rules that may be, in two languages, changed thrice."""


def evolve(spoken: Spoken, event: WelcomeDefined) -> Spoken:
    """With what the rule says from now on."""
    said = tuple((event.rule, text) for text in event.value.text.values())
    return (*(each for each in spoken if each not in said), *said)[-MAX_SPOKEN:]


def has_said(spoken: Spoken, rule: str, text: str) -> bool:
    """Whether the rule has this text, or once had."""
    return (rule, text) in spoken
