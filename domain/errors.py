"""Every error that Parley names.

::

    ParleyError
    ├── Refused            a command or request is refused: `code` is stable, `message` for people
    ├── StoreError
    │   ├── StoreUnavailable   the outcome is unknown or nothing happened: try again, same ids
    │   │   └── TookTooLong    a statement was ended at the limit of its time
    │   └── BatchRefused       the store will never take this batch: halve it to find the culprit
    ├── FilesAway          the store of files was not reached, or did not do as asked
    ├── BrokerAway         the broker did not take it; nothing is lost, for the log has it
    ├── UnknownEvent       a type or schema version that this program does not know
    └── EventDamaged       a stored event cannot be decrypted or decoded though its key is live
"""

from __future__ import annotations

import traceback


class ParleyError(Exception):
    """The root of the tree."""


class Refused(ParleyError):
    """A command or request that is refused, for a reason that the sender can read.

    ``code`` is one of ``CODES``; ``retry_after_ms`` is set where trying again makes sense.
    """

    def __init__(
        self, code: str, message: str | None = None, *, retry_after_ms: int | None = None
    ) -> None:
        if code not in CODES:
            raise AssertionError(code)
        self.code = code
        self.message = message or CODES[code][1]
        self.retry_after_ms = retry_after_ms
        super().__init__(self.message)

    @property
    def status(self) -> int:
        """The HTTP status that goes with the code."""
        return CODES[self.code][0]


class StoreError(ParleyError):
    """The event store did not do as asked."""


class StoreUnavailable(StoreError):
    """The store is away, or was lost on the way: the outcome may be unknown."""


class TookTooLong(StoreUnavailable):
    """A statement was ended at the limit of its time; nothing of it happened."""


class BatchRefused(StoreError):
    """The store refuses this batch and would refuse it again."""


class FilesAway(ParleyError):
    """The store of files is away, or has not what it was given; try again."""


class BrokerAway(ParleyError):
    """The broker is away, or did not confirm in time; what it was given may come all the same."""


class UnknownEvent(ParleyError):
    """An event of a type or schema version that this program is too old for."""


class EventDamaged(ParleyError):
    """A stored event that does not decrypt or decode under its live key."""


CODES: dict[str, tuple[int, str]] = {
    "bad_request": (400, "The request is not well formed."),
    "unknown_op": (400, "This operation does not exist."),
    "unauthorized": (401, "Sign in first, or again: the token is missing, wrong or expired."),
    "bad_credentials": (401, "The e-mail address or the password is wrong."),
    "bad_signature": (401, "The signature does not match."),
    "expired": (401, "The timestamp is too far from the server's clock."),
    "site_removed": (401, "This site has no chat any more."),
    "nonce_used": (401, "This signed identity has been used before."),
    "not_allowed": (403, "You may not do this."),
    "origin_not_allowed": (403, "This page may not use the site's chat."),
    "not_found": (404, "There is no such thing here."),
    "method_not_allowed": (405, "This address does not take that method."),
    "too_large": (413, "This is too large."),
    "report_too_large": (422, "This report takes too long; ask for fewer days, or for less."),
    "type_not_allowed": (415, "Files of this type are not taken."),
    "type_mismatch": (415, "The file's content is not what its name says."),
    "damaged_image": (422, "The image is damaged, or too large to be shown."),
    "file_quota": (429, "That is more than may be sent in a day; send less, or come back later."),
    "wrong_offset": (409, "The upload is at another place; ask how far it is."),
    "unsupported_media_type": (415, "The body must be application/json."),
    "conversation_closed": (409, "The conversation is closed."),
    "taken": (409, "Somebody else serves the conversation already."),
    "other_open": (409, "The visitor has another open conversation."),
    "id_reused": (409, "This id was used before for something else."),
    "ahead": (409, "The offset is beyond the end; begin again from the view."),
    "history": (409, "The mark is of another history; begin again from the view."),
    "exists": (409, "This exists already."),
    "changed": (412, "Somebody else has changed this meanwhile; look at it, and decide anew."),
    "erased": (410, "This was erased."),
    "damaged": (410, "What is stored of this is damaged and cannot be read."),
    "rate_limited": (429, "Too many requests; wait a moment."),
    "too_many": (429, "There are too many of these on this connection."),
    "busy": (503, "Others change this right now; send it again."),
    "unavailable": (503, "The store is away for a moment; send it again."),
    "not_caught_up": (503, "The view has not reached that position yet."),
    "internal": (500, "Something went wrong here; it has been logged."),
}
"""The stable codes: HTTP status, and the sentence that is given where nothing better is known."""


def described(error: Exception) -> str:
    """The kind of a failure and its place; never its text, which may quote what people wrote."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {frames[-1].name}:{frames[-1].lineno}" if frames else ""
    return type(error).__name__ + where
