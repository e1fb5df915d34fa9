"""The page about the settings is the one that the settings make."""

from __future__ import annotations

from ops.settings_doc import FILE, document


def test_the_page_is_current() -> None:
    """``docs/settings.md`` is what ``python -m ops.settings_doc`` prints now."""
    assert FILE.read_text(encoding="utf-8") == document()
