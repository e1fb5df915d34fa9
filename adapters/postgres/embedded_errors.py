"""What can keep the embedded server from running; the text of each is one sentence for a person.

EmbeddedPostgresError
├── DirectoryInUse          another process holds the data directory
├── DirectoryNotUsable      a directory that the server's user cannot enter, read or own
├── BinariesNotFound        no PostgreSQL where it was looked for
├── WrongMajorVersion       the data directory is another PostgreSQL's
└── ServerNotStarted        PostgreSQL ended, or was not ready in time
"""

from pathlib import Path


class EmbeddedPostgresError(Exception):
    """The embedded server cannot be had."""


class DirectoryInUse(EmbeddedPostgresError):
    """Another process holds the lock of the data directory."""

    def __init__(self, directory: Path, holder: str) -> None:
        self.directory = directory
        who = f" (process {holder})" if holder else ""
        super().__init__(f"{directory} is in use by another Parley{who}.")


class DirectoryNotUsable(EmbeddedPostgresError):
    """A directory stands in the way; its permissions are the operator's to change, never ours."""

    def __init__(self, directory: Path, why: str) -> None:
        self.directory = directory
        super().__init__(f"{directory} {why}.")


class BinariesNotFound(EmbeddedPostgresError):
    """There is no PostgreSQL at this place."""

    def __init__(self, directory: Path | None) -> None:
        self.directory = directory
        where = f"in {directory}" if directory else "among the installed Python packages"
        super().__init__(f"No PostgreSQL server was found {where}.")


class WrongMajorVersion(EmbeddedPostgresError):
    """The data directory was made by another major version, which alone can read it."""

    def __init__(self, directory: Path, made_by: int, found: int) -> None:
        self.directory, self.made_by, self.found = directory, made_by, found
        super().__init__(
            f"{directory} was made by PostgreSQL {made_by} and this is PostgreSQL {found}: "
            f"name a PostgreSQL {made_by} in PARLEY_POSTGRES_BIN."
        )


class ServerNotStarted(EmbeddedPostgresError):
    """PostgreSQL did not become ready; its log says why."""

    def __init__(self, what: str, log: Path) -> None:
        self.log = log
        super().__init__(f"{what}; {log} says why.")
