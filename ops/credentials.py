"""``credentials.json``: what a demonstration's operator signs in with, as the contract shapes it.

Secrets in it never change; the two URLs follow the running instance. While a demonstration is being
made the same document stands under another name, so that its secrets survive a crash.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import Struct

from ops.errors import CannotRun
from ops.files import replace_file

NAME = "credentials.json"
PENDING = "credentials.pending.json"


class Account(Struct, frozen=True):
    """Who can sign in at the desk."""

    email: str
    password: str

    def __repr__(self) -> str:
        return f"Account({self.email!r})"


class Credentials(Struct, frozen=True):
    """The document."""

    url: str
    tenant: str
    site: str
    site_secret: str
    api_key: str
    database_url: str
    admin: Account
    agents: tuple[Account, ...]

    def __repr__(self) -> str:
        return f"Credentials({self.url!r}, {self.tenant!r})"


def path_of(data: Path) -> Path:
    """Where the document is when it is complete."""
    return data / NAME


def pending_path_of(data: Path) -> Path:
    """Where it is before."""
    return data / PENDING


def read(path: Path) -> Credentials | None:
    """The document, or None. Raises CannotRun for one that is damaged."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Credentials)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CannotRun(f"{path} cannot be read: {error.strerror}.") from error
    except msgspec.MsgspecError as error:
        raise CannotRun(
            f"{path} is damaged; move it away, and the demonstration gets new passwords."
        ) from error


def write(path: Path, document: Credentials) -> None:
    """Write the document whole, readable by us alone."""
    form = msgspec.json.format(msgspec.json.encode(document), indent=2)
    replace_file(path, form + b"\n")
