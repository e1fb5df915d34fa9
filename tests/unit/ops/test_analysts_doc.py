"""The page of analysts' views is made from the comments beside them."""

from __future__ import annotations

from ops.analysts_doc import FILE, document


def test_the_page_says_what_the_views_say() -> None:
    """It ends with what ``python -m ops.analysts_doc`` prints now, and that is something."""
    assert "### conversations" in document()
    assert FILE.read_text(encoding="utf-8").endswith(f"\n{document()}")
