"""What an operator is told instead of a traceback.

::

    CannotRun       something stands in the way; the text is one sentence for the operator
    └── BadSetting  a setting has a value that it cannot have
"""

from __future__ import annotations


class CannotRun(Exception):
    """What was asked cannot be done here and now, for a reason that the operator can mend."""


class BadSetting(CannotRun):
    """A setting's value is refused. ``where`` is how the operator wrote it: variable or key."""

    def __init__(self, where: str, what: str) -> None:
        self.where = where
        super().__init__(f"{where} {what}.")
