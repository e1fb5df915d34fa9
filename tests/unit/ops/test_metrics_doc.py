"""``docs/metrics.md`` is the table of figures."""

from __future__ import annotations

from ops.metrics_doc import FILE, document


def test_the_page_is_current() -> None:
    """Made anew by ``python -m ops.metrics_doc > docs/metrics.md``."""
    assert FILE.read_text(encoding="utf-8") == document()
