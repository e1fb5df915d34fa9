"""The stable codes of refusals."""

from __future__ import annotations

from http import HTTPStatus

import pytest

from domain.errors import CODES, Refused


@pytest.mark.parametrize("code", CODES)
def test_a_refusal_has_a_status_and_a_sentence(code: str) -> None:
    """Every code has an HTTP status of an error, and something to say to people."""
    refused = Refused(code)
    assert HTTPStatus(refused.status) >= HTTPStatus.BAD_REQUEST
    assert refused.message.endswith(".")
    assert str(refused) == refused.message


def test_a_better_sentence_wins() -> None:
    """Where the place knows more than the table, its own words are given."""
    refused = Refused("exists", "This agent exists already.", retry_after_ms=5)
    assert (refused.message, refused.retry_after_ms) == ("This agent exists already.", 5)


def test_codes_are_not_made_up() -> None:
    """A code that is not in the table is a mistake of ours."""
    with pytest.raises(AssertionError):
        Refused("no_such_code")
