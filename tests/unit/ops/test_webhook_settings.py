"""Settings of webhooks that could not work are refused by name."""

from __future__ import annotations

import pytest

from ops.errors import BadSetting
from ops.settings_source import load


def test_networks_are_read_from_a_list() -> None:
    """Separated by commas, of both families."""
    variables = {"PARLEY_WEBHOOKS_NETWORKS": "10.1.0.0/16, fd12::/16"}
    settings, warnings = load(variables)
    assert settings.webhooks.networks == ("10.1.0.0/16", "fd12::/16")
    assert warnings == []


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("NETWORKS", "10.1.0.0/16,inner", "neither an address nor a network"),
        ("NETWORKS", "10.1.2.3/16", "neither an address nor a network"),
        ("LEASE_S", "10", "must be webhooks.deadline_s and 1 s more: 10"),
        ("DEADLINE_S", "40", "must be webhooks.deadline_s and 1 s more: 30"),
        ("RETRY_JITTER", "1.5", "at most 1"),
        ("LINES", "0", "must be more than 0"),
    ],
)
def test_what_cannot_be_is_refused(name: str, value: str, what: str) -> None:
    """With a sentence that names the setting."""
    with pytest.raises(BadSetting, match=r"(?i)webhooks") as refused:
        load({f"PARLEY_WEBHOOKS_{name}": value})
    assert what in str(refused.value)
