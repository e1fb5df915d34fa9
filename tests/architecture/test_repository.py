"""The repository keeps its shape: rooms, reasons, locks, and nothing of one machine in it."""

import ast
import configparser
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = {"domain", "projections", "adapters", "brokers", "api", "ops"}
TOP_LEVEL = ROOMS | {
    ".ci",
    ".gitignore",
    ".importlinter",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "README.md",
    "dev",
    "docs",
    "pyproject.toml",
    "requirements",
    "tests",
    "tox.ini",
    "web",
}
LOCKS = ("runtime", "dev", "node")
# Directories that say nothing of a machine, though a checkout may lie in them.
EVERYBODYS = {Path(name) for name in ("/", "/tmp", "/var/tmp", "/opt", "/srv", "/usr/src")}
BINARY = {".gif", ".ico", ".jpg", ".mp3", ".ogg", ".png", ".wav", ".webp", ".woff2"}


@cache
def files() -> list[Path]:
    """What git has, and not what somebody keeps beside it; without git, this is no checkout."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    command = ["git", "ls-files", "-z"]
    # Whoever owns the checkout: git refuses another user's unless told.
    command[1:1] = ["-c", f"safe.directory={ROOT}"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def lines() -> Iterator[tuple[Path, int, str]]:
    """Every line of every text file, with its place."""
    for path in files():
        if path.suffix not in BINARY:
            for number, line in enumerate(path.read_text().splitlines(), 1):
                yield path.relative_to(ROOT), number, line


def test_a_stray_file_is_not_the_repositorys() -> None:
    """What lies about in a checkout, such as an experiment's database, fails no check."""
    with tempfile.NamedTemporaryFile(dir=ROOT, suffix=".db") as stray:
        assert Path(stray.name) not in files.__wrapped__()


def pyproject() -> dict[str, dict[str, dict[str, object]]]:
    """The project's settings."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


# --- rooms ------------------------------------------------------------------------------------


def test_top_level_holds_the_rooms_and_little_else() -> None:
    """A new entry at the top is a decision, taken here."""
    assert {path.relative_to(ROOT).parts[0] for path in files()} <= TOP_LEVEL


def test_import_linter_watches_every_room() -> None:
    """No room is outside the contracts."""
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter")
    assert set(contracts["importlinter"]["root_packages"].split()) == ROOMS
    layers = contracts["importlinter:contract:rooms"]["layers"]
    assert set(re.findall(r"\w+", layers)) == ROOMS


def test_every_module_is_in_a_package() -> None:
    """A folder without __init__.py would be invisible to import-linter."""
    modules = [path for path in files() if path.suffix == ".py" and in_room(path)]
    assert [path for path in modules if not (path.parent / "__init__.py").exists()] == []


def test_rooms_do_not_know_the_tests() -> None:
    """What ships needs nothing that does not."""
    for path in files():
        if path.suffix == ".py" and in_room(path):
            names = {name.split(".")[0] for name in imported(path)}
            assert not names & {"tests", "pytest", "hypothesis"}, path


def test_packaging_takes_every_room() -> None:
    """The wheel holds the rooms and nothing else."""
    find = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    assert {name.rstrip("*") for name in find["find"]["include"]} == ROOMS


def in_room(path: Path) -> bool:
    """Whether this file ships."""
    return path.relative_to(ROOT).parts[0] in ROOMS


def imported(path: Path) -> Iterator[str]:
    """The modules that a file imports, at any depth of it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


# --- reasons ----------------------------------------------------------------------------------

SILENCED = re.compile(r"#\s*(noqa|type:\s*ignore|mypy:|ruff:|pragma:|pylint:)")
WITH_REASON = re.compile(
    r"#\s*(noqa:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*\s+[-#]\s+\S"
    r"|type:\s*ignore\[[\w-]+(,\s*[\w-]+)*\]\s*#\s*\S"
    r"|ruff:\s*noqa:\s*[A-Z]+\d+\s+[-#]\s+\S)"
)


def test_every_silenced_check_says_why() -> None:
    """In code: `# noqa: X  # why`, `# type: ignore[x]  # why`."""
    silent = [
        f"{path}:{number}"
        for path, number, line in lines()
        if (path.suffix == ".py" or path.name == "dev") and path != here()
        if SILENCED.search(line) and not WITH_REASON.search(line)
    ]
    assert not silent, "\n".join(silent)


def test_every_exception_in_the_settings_says_why() -> None:
    """In pyproject.toml: each rule left out, each warning let through, each mypy override."""
    settings = (ROOT / "pyproject.toml").read_text()
    listed = re.findall(r'^ {4}"(?:[A-Z]+\d+|ignore:[^"]*)",?(.*)$', settings, re.MULTILINE)
    overrides = re.findall(
        r"^(?:ignore_missing_imports|ignore_errors|follow_untyped_imports|allow_\w+|disallow_\w+"
        r"|disable_error_code) = (?:true|false|\[[^]]*\])(.*)$",
        settings,
        re.MULTILINE,
    )
    assert listed
    assert [rest for rest in (*listed, *overrides) if not re.match(r"\s*#\s+\S", rest)] == []


def here() -> Path:
    """This file, which must name what it looks for."""
    return Path(__file__).resolve().relative_to(ROOT)


# --- checks -----------------------------------------------------------------------------------


def test_the_fast_check_starts_no_server() -> None:
    """What tox calls fast needs neither PostgreSQL nor the product as a process."""
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini")
    words = tox["testenv:fast"]["commands"].split()
    left_out = {ROOT / word for before, word in pairwise(words) if before == "--ignore"}
    folders = tuple(word for before, word in pairwise(words) if before != "--ignore")
    chosen = [
        path
        for path in files()
        if path.suffix == ".py" and path not in left_out and path != ROOT / here()
        if str(path.relative_to(ROOT)).startswith(tuple(f for f in folders if "tests/" in f))
    ]
    modules = r"tests\.fixtures\.(postgres|server|product|stack)"
    fixtures = r"\b(open_postgres|own_server|own_stack|open_stack|broker_url|redis_url): "
    slow = re.compile(f"{modules}|{fixtures}")
    assert chosen
    assert [path for path in chosen if slow.search(path.read_text())] == []


# --- locks ------------------------------------------------------------------------------------


def pins(name: str) -> dict[str, str]:
    """What one lock file pins: package, version."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE))


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_hashes(name: str) -> None:
    """A lock file holds pins and hashes, and no option that says where packages come from."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text().replace("\\\n", " ")
    for line in text.splitlines():
        if not line.startswith("#"):
            assert re.match(r"[a-z0-9-]+==\S+( ; [^-]*)?\s+--hash=sha256:[0-9a-f]{64}", line)


def test_development_runs_on_what_is_shipped() -> None:
    """The tests' lock holds the product's, version for version."""
    assert pins("runtime").items() <= pins("dev").items()


@pytest.mark.parametrize(
    ("lock", "table", "key"),
    [
        ("runtime", "project", "dependencies"),
        ("dev", "dependency-groups", "dev"),
        ("node", "dependency-groups", "node"),
    ],
)
def test_locks_follow_the_dependencies(lock: str, table: str, key: str) -> None:
    """What pyproject.toml asks for is pinned; tox -e lock was not forgotten."""
    wanted = pyproject()[table][key]
    assert isinstance(wanted, list)
    assert {re.split(r"[^\w-]", wish)[0].lower() for wish in wanted} <= set(pins(lock))


def test_zone_files_are_shipped() -> None:
    """Where the system has none a tenant's zone is found all the same, by a package of its own."""
    assert "tzdata" in pins("runtime")
    ask = "from domain.tenant.calendar import zone_of; assert zone_of('Europe/Berlin')"
    bare = {**os.environ, "PYTHONTZPATH": ""}
    subprocess.run([sys.executable, "-c", ask], cwd=ROOT, env=bare, check=True)


# --- one machine ------------------------------------------------------------------------------


def test_no_package_registry_is_named() -> None:
    """Where packages come from is the installing machine's affair."""
    named = re.compile(
        r'"resolved": *"|index[-_]url|find-links|(^|\s)(url|registry) *= *"?https?:|trusted-host'
    )
    settings = {".txt", ".toml", ".json", ".lock", ".ini", ".cfg", ".npmrc", ""}
    found = [
        f"{path}:{number}"
        for path, number, line in lines()
        if (path.suffix in settings or path.name == ".npmrc")
        and named.search(line)
        and "--no-emit-index-url" not in line
    ]
    assert not found, "\n".join(found)


def test_no_path_of_one_machine() -> None:
    """No tracked file knows where somebody keeps the checkout."""
    places = [str(ROOT)] if ROOT.parent in EVERYBODYS else [str(ROOT), str(ROOT.parent)]
    homes = [r"/home/\w+", r"/Users/\w+"]
    place = re.compile(rf"(?<![\w.])({'|'.join([*map(re.escape, places), *homes])})/")
    found = [f"{path}:{number}" for path, number, line in lines() if place.search(line)]
    assert not found, "\n".join(found)
