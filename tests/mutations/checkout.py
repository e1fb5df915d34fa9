"""Copies of the checkout in which one file at a time is changed; the checkout itself never is."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from tests.mutations.mutation import Mutation

ROOT = Path(__file__).resolve().parents[2]
OWN = "tests/mutations/"
_MODULES = "web/node_modules"


def files() -> list[str]:
    """What belongs to the checkout as it is now: what git has, and what is new and not ignored."""
    listed = _git("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    return sorted(name for name in set(listed.split("\0")) if name and (ROOT / name).is_file())


class State:
    """What tells one state of the checkout from another, as far as it matters to a mutation."""

    def __init__(self) -> None:
        self._digests = {name: sha256((ROOT / name).read_bytes()).digest() for name in files()}

    def of(self, tests: Collection[str]) -> str:
        """The state of these files of tests, and of all that is no file of tests, nor of words."""
        whole = sha256()
        for name, digest in self._digests.items():
            if name in tests or not _is_other_tests(name):
                whole.update(f"{name}\0".encode() + digest)
        return whole.hexdigest()


def _is_other_tests(name: str) -> bool:
    if name.startswith(OWN) or name.endswith(".md"):
        return True
    return Path(name).name.startswith("test_") or name.endswith((".test.ts", ".test.tsx"))


def commit() -> str:
    """The commit that is checked out, and whether there is more than that."""
    changed = _git("status", "--porcelain").strip()
    return _git("rev-parse", "--short=10", "HEAD").strip() + (" and changes" if changed else "")


def _git(*words: str) -> str:
    # Whoever owns the checkout: git refuses another user's unless told.
    command = ["git", "-c", f"safe.directory={ROOT}", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


class Copy:
    """A copy of the checkout in a directory of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in files():
            target = root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
        if (ROOT / _MODULES).is_dir():
            (root / _MODULES).symlink_to((ROOT / _MODULES).resolve())

    @contextmanager
    def mutated(self, mutation: Mutation) -> Iterator[None]:
        """The copy with this mutation, and without it again. Raises DoesNotApply."""
        path = self.root / mutation.file
        whole = path.read_text()
        self._write(path, mutation.applied_to(whole))
        try:
            yield
        finally:
            self._write(path, whole)

    @staticmethod
    def _write(path: Path, text: str) -> None:
        """Python tells old byte code by size and second only, so that goes too."""
        path.write_text(text)
        for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
            compiled.unlink()
