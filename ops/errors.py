"""What an operator is told instead of a traceback.

::

    CannotRun       something stands in the way; the text is one sentence for the operator
    └── BadSetting  a setting has a value that it cannot have
"""

from __future__ import annotations

from adapters.postgres.embedded_errors import EmbeddedPostgresError
from domain.errors import ParleyError, StoreUnavailable


class CannotRun(Exception):
    """What was asked cannot be done here and now, for a reason that the operator can mend."""


class BadSetting(CannotRun):
    """A setting's value is refused. ``where`` is how the operator wrote it: variable or key."""

    def __init__(self, where: str, what: str) -> None:
        self.where = where
        super().__init__(f"{where} {what}.")


MENDABLE = (CannotRun, EmbeddedPostgresError, ParleyError)
"""What an operator can mend: told in one sentence, with no traceback."""


def sentence(error: Exception) -> str:
    """An error as one sentence."""
    text = str(error).strip() or type(error).__name__
    if isinstance(error, StoreUnavailable):
        text = f"PostgreSQL does not answer ({text})"
    if not isinstance(error, BadSetting):  # which begins with a name as the operator wrote it
        text = text[0].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."
