"""The names of streams and feeds: ``conversation-<id>``, ``visitor-<id>`` and so on.

One place makes them and takes them apart.
"""

from __future__ import annotations

from uuid import UUID

TENANT = "tenant"
INBOX = "inbox"


def conversation(conversation_id: UUID | str) -> str:
    """The stream of a conversation."""
    return f"conversation-{conversation_id}"


def visitor(visitor_id: UUID | str) -> str:
    """The stream of a visitor."""
    return f"visitor-{visitor_id}"


def agent(agent_id: UUID | str) -> str:
    """The stream of an agent."""
    return f"agent-{agent_id}"


def identity(digest: str) -> str:
    """The stream that binds a site's user, by its blind digest, to one visitor."""
    return f"identity-{digest}"


def email(digest: str) -> str:
    """The stream that binds an e-mail address, by its blind digest, to one agent."""
    return f"email-{digest}"


def file(file_id: UUID | str) -> str:
    """The stream of a file."""
    return f"file-{file_id}"


def common_file(file_id: UUID | str, visitor_id: UUID | str) -> str:
    """The stream of what a visitor was sent of a common file."""
    return f"file-{file_id}-{visitor_id}"


def kind(stream: str) -> str:
    """What a stream is of: ``conversation``, ``visitor``, ``agent``, ``tenant`` and so on."""
    return stream.partition("-")[0]


def conversation_id(stream: str) -> str | None:
    """The conversation of a conversation's stream, else None."""
    what, _, name = stream.partition("-")
    return name if what == "conversation" else None


def visitor_id(stream: str) -> str:
    """The visitor of a visitor's stream."""
    return stream.removeprefix(visitor(""))


def feed_stream(feed: str) -> str | None:
    """The stream that a ``conversation:<id>`` feed follows; None where the name is no such feed."""
    what, _, name = feed.partition(":")
    if what != "conversation":
        return None
    try:
        return conversation(UUID(name)) if str(UUID(name)) == name else None
    except ValueError:
        return None
