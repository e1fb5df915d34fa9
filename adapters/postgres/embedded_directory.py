"""What the embedded server keeps in the product's data directory, who owns it, and the lock.

    DIR/lock            flock of the one process that may start and stop the server
    DIR/postgres.json   port, socket directory and superuser's password, 0600
    DIR/postgres.log    what PostgreSQL says of itself
    DIR/postgres/       the server's own: data/, and new-*/ while initdb makes it

What exists keeps its owner and permissions: where the server's user cannot go, that is said, not
changed. As root the files that we write lie in DIR, out of that user's reach.
"""

import fcntl
import json
import os
import pwd
import socket
import stat
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import quote

from adapters.postgres.embedded_errors import DirectoryInUse, DirectoryNotUsable

SUPERUSER = "postgres"
DATABASE = "parley"
NOBODY = 65534
DATA = "the data"
PROGRAMS = "PostgreSQL's programs"
LONGEST_SOCKET_PATH = 107  # bytes of a Unix socket's name; PostgreSQL ends at one more
# Below the range from which the kernel draws ports of outgoing connections, which come and go.
PORTS = range(20_000, 32_000)


@dataclass(frozen=True)
class Account:
    """The user and group as which PostgreSQL runs."""

    uid: int
    gid: int

    @property
    def is_ours(self) -> bool:
        """Whether that is the user of this process."""
        return self.uid == os.geteuid()

    def may(self, path: Path, wish: int) -> bool:
        """Whether the permissions of `path` grant this user `wish` (os.R_OK, os.X_OK, or both)."""
        found = path.stat()
        if found.st_uid == self.uid:
            granted = found.st_mode >> 6
        elif found.st_gid == self.gid:
            granted = found.st_mode >> 3
        else:
            granted = found.st_mode
        return granted & wish == wish

    def may_enter(self, directory: Path) -> bool:
        """Whether this user may pass through; of our own the system knows more than the bits."""
        return os.access(directory, os.X_OK) if self.is_ours else self.may(directory, os.X_OK)

    def demand_way_to(self, directory: Path, what: str) -> None:
        """Refuse, naming it, the first directory on the way to `directory` that stays shut.

        What is not there yet ends the way. `what` is of ours there, as the subject of a sentence.
        """
        whole = Path(os.path.realpath(directory))
        for step in (*reversed(whole.parents), whole):
            if not step.exists():
                return
            if not step.is_dir():
                raise DirectoryNotUsable(step, "is not a directory")
            if not self.may_enter(step):
                raise DirectoryNotUsable(step, self._shut(whole, what))

    def _shut(self, whole: Path, what: str) -> str:
        if self.is_ours:
            return f"cannot be entered by {self.words}, as whom Parley runs"
        return (
            f"cannot be entered by {self.words}, as whom PostgreSQL runs when root starts Parley, "
            f"and {what} lie there ({whole}): move the checkout, or --data, to where others may "
            "pass, such as /srv, or run Parley as a normal user"
        )

    @property
    def words(self) -> str:
        """The user as a person would say it."""
        try:
            return f"user {pwd.getpwuid(self.uid).pw_name} ({self.uid})"
        except KeyError:
            return f"user {self.uid}"


@dataclass(frozen=True)
class Address:
    """Where the server listens, and its superuser's password."""

    port: int
    socket_directory: str
    password: str = field(repr=False)

    @property
    def database_url(self) -> str:
        """URL over loopback, for the superuser of this private server."""
        return f"postgresql://{SUPERUSER}:{self.password}@127.0.0.1:{self.port}/{DATABASE}"

    @property
    def socket_url(self) -> str:
        """The same over the private socket, which is a little faster."""
        where = f"host={quote(self.socket_directory, safe='')}&port={self.port}"
        return f"postgresql://{SUPERUSER}:{self.password}@/{DATABASE}?{where}"


@dataclass(frozen=True)
class DataDirectory:
    """The data directory of one product, and the paths in it."""

    path: Path

    @classmethod
    def at(cls, path: Path) -> Self:
        """The directory at `path`, which may be relative to where this process is now."""
        return cls(path.absolute())

    @property
    def lock(self) -> Path:
        """File whose flock says who may start and stop the server."""
        return self.path / "lock"

    @property
    def address(self) -> Path:
        """File with the server's address and password."""
        return self.path / "postgres.json"

    @property
    def log(self) -> Path:
        """File that PostgreSQL writes its messages to."""
        return self.path / "postgres.log"

    @property
    def home(self) -> Path:
        """Directory that belongs to the server's user."""
        return self.path / "postgres"

    @property
    def data(self) -> Path:
        """PostgreSQL's own data directory."""
        return self.home / "data"

    @property
    def unfinished(self) -> Path:
        """Where initdb works for this process, until its result becomes `data`."""
        return self.home / f"new-{os.getpid()}"

    def left_unfinished(self) -> list[Path]:
        """What earlier processes have not finished."""
        return list(self.home.glob("new-*"))

    @property
    def major(self) -> int | None:
        """Major version that made the data; None before there is any."""
        with self._read(version := self.data / "PG_VERSION"):
            return int(version.read_text())
        return None

    @contextmanager
    def _read(self, path: Path) -> Iterator[None]:
        """Pass over a file that is not there; say of another what keeps it from being read."""
        try:
            yield
        except FileNotFoundError:
            return
        except OSError as error:
            self.account().demand_way_to(path.parent, DATA)
            raise DirectoryNotUsable(path, f"cannot be read ({error.strerror})") from error
        except (ValueError, TypeError) as error:
            raise DirectoryNotUsable(path, "is damaged") from error

    def account(self) -> Account:
        """The user of the server: our own, or for root the owner of what is there, or nobody."""
        if os.geteuid() != 0:
            return Account(os.geteuid(), os.getegid())
        if not self.home.exists():
            return Account(NOBODY, NOBODY)
        found = self.home.stat()
        if found.st_uid == 0:
            raise DirectoryNotUsable(self.home, "belongs to root, as whom PostgreSQL does not run")
        return Account(found.st_uid, found.st_gid)

    def prepare(self, account: Account) -> None:
        """Make what is missing; another user's server must be able to pass through all of it."""
        try:
            account.demand_way_to(self.path, DATA)
            make_directories(self.path, 0o700 if account.is_ours else 0o711)
            self._make_home(account)
        except OSError as error:
            raise DirectoryNotUsable(self.path, f"cannot be used ({error.strerror})") from error

    def _make_home(self, account: Account) -> None:
        """Make the server's directory, which gets its name only once it has its owner."""
        if self.home.exists():
            return
        unnamed = self.path / "postgres.new"
        unnamed.mkdir(mode=0o700, exist_ok=True)
        os.chown(unnamed, account.uid, account.gid)
        unnamed.rename(self.home)

    def read_address(self) -> Address | None:
        """The address last used, or None."""
        with self._read(self.address):
            return Address(**json.loads(self.address.read_bytes()))
        return None

    def write_address(self, address: Address) -> None:
        """Record the address, whole or not at all, readable by our own user only."""
        unnamed = self.path / "postgres.json.new"
        unnamed.unlink(missing_ok=True)
        descriptor = os.open(unnamed, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(asdict(address), file)
            file.flush()
            os.fsync(descriptor)
        unnamed.rename(self.address)
        sync_directory(self.path)


def make_directories(path: Path, mode: int) -> None:
    """Make `path` and its missing parents with exactly this mode, whatever the umask."""
    if path.is_dir():
        return
    make_directories(path.parent, mode)
    with suppress(FileExistsError):
        path.mkdir()
        path.chmod(mode)


def sync_directory(path: Path) -> None:
    """Have the names in a directory on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def take_lock(path: Path) -> int:
    """Return a descriptor that holds the lock until it is closed or this process ends.

    Python's descriptors are not inherited, so no child can hold the lock on.

    Raises:
        DirectoryInUse: another process holds it.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise DirectoryNotUsable(path, f"cannot be opened ({error.strerror})") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.read(descriptor, 32).decode(errors="replace").strip()
        os.close(descriptor)
        raise DirectoryInUse(path.parent, holder) from error
    os.truncate(descriptor, 0)
    os.write(descriptor, f"{os.getpid()}\n".encode())
    return descriptor


def lock_holder(path: Path) -> str | None:
    """The process that holds the lock, as it wrote itself; None where nobody is seen to."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return os.read(descriptor, 32).decode(errors="replace").strip()
    else:
        return None
    finally:
        os.close(descriptor)


def socket_directory(last: str | None, account: Account) -> str:
    """A directory of the server's user alone, with a name short enough for a socket in it."""
    if last and is_private(Path(last), account):
        return last
    for base in (tempfile.gettempdir(), "/tmp"):  # noqa: S108  # mkdtemp makes a name of its own in it
        longest = len(os.fsencode(base)) + len("/parley-12345678/.s.PGSQL.12345")
        if longest <= LONGEST_SOCKET_PATH and account.may(Path(base), os.X_OK):
            made = tempfile.mkdtemp(prefix="parley-", dir=base)
            os.chown(made, account.uid, account.gid)
            return made
    raise DirectoryNotUsable(Path(base), "cannot hold PostgreSQL's socket")


def is_private(directory: Path, account: Account) -> bool:
    """Whether this is a directory, no link, of the server's user alone."""
    try:
        found = directory.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and (found.st_uid, found.st_mode & 0o777) == (
        account.uid,
        0o700,
    )


def free_port(last: int | None, directory: Path) -> int:
    """The port last used if it is free, else the first free one after a place of DIR's own."""
    return next(port for port in candidate_ports(last, directory) if is_free(port))


def candidate_ports(last: int | None, directory: Path) -> Iterator[int]:
    """Ports to try, best first; two directories start at different ones."""
    if last is not None:
        yield last
    start = zlib.crc32(os.fsencode(directory)) % len(PORTS)
    yield from (PORTS[(start + step) % len(PORTS)] for step in range(len(PORTS)))


def is_free(port: int) -> bool:
    """Whether PostgreSQL could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as PostgreSQL does
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
