"""What welcome rules say and have said."""

from __future__ import annotations

from domain.tenant import values as v
from domain.tenant.section_events import WelcomeDefined, WelcomeRemoved
from domain.tenant.spoken import MAX_SPOKEN, has_said
from domain.tenant.state import INITIAL, Tenant, evolve


def said(state: Tenant, rule: str, text: str) -> bool:
    """Whether the tenant's rule has it, or had it."""
    return has_said(state.welcomes, state.spoken, rule, text)


def test_what_holds_is_not_forgotten_however_often_others_change() -> None:
    """Nor what held until a moment ago; of what was said long before only so much is known."""
    state = evolve(
        INITIAL, WelcomeDefined("calm", v.Welcome("A", {"en": "Hello", "zh": "您好"})), 0
    )
    for n in range(MAX_SPOKEN + 2):
        state = evolve(state, WelcomeDefined("busy", v.Welcome("B", {"en": f"Hi {n}"})), 0)
    assert said(state, "calm", "Hello")
    assert said(state, "calm", "您好")
    assert not said(state, "busy", "Hello")
    assert not said(state, "busy", "Hi 0")
    assert len(state.spoken) == MAX_SPOKEN
    changed = evolve(state, WelcomeDefined("calm", v.Welcome("A", {"en": "Good day"})), 0)
    for after in (changed, evolve(state, WelcomeRemoved("calm"), 0)):
        assert said(after, "calm", "您好")
        assert said(after, "busy", f"Hi {MAX_SPOKEN + 1}")
    assert said(changed, "calm", "Good day")
