"""The codes that a socket is closed with, and what each tells its client.

``docs/protocol.md`` has the same sentences, and a test holds the two together.
"""

from __future__ import annotations

CLOSE_CODES: dict[int, str] = {
    4400: "a frame that cannot be answered: not text, not JSON, nested some hundred levels deep,"
    " not an object, no usable `id` where one is due, a malformed or second `hello`, or anything"
    " else first",
    4401: "the token is wrong, of the other kind of socket, or has expired; or the agent may no"
    " longer sign in, or not with that password",
    4403: "a page of this origin may not open this socket, or its site was removed",
    4408: "no `hello` in time",
    4413: "a frame above the limit (1009, when it is so large that the WebSocket layer refuses it"
    " first)",
    4429: "too many sockets from this network address",
    1001: "the client answered no ping",
    1007: "a text frame that is not UTF-8",
    1012: "the server is restarting; come back as `goaway` said",
    1013: "the server cannot take this socket now: the store is away, or the node is full",
}
"""By code. 1011 is never sent."""
