"""`./dev` from outside, in a small checkout with empty locks and a product of ten lines.

What is installed here needs no network; installing the real packages is what every run of the
tests has done before it came here.
"""

import importlib.machinery
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest

from ops.stack import processes
from ops.stack.errors import ProgramsMissing
from ops.stack.rabbitmq_programs import find_release
from ops.stack.redis import find_program

SOURCE = Path(__file__).resolve().parents[2] / "dev"

# Says what it was given, then waits for the signal that ends it well.
PRODUCT = """
import json, os, signal, sys
def end(*_): sys.exit(0)
signal.signal(signal.SIGINT, end); signal.signal(signal.SIGTERM, end)
signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
here = {name: value for name, value in os.environ.items() if name.startswith(("PYTHON", "PARLEY"))}
print(json.dumps([sys.argv[1:], os.getpid(), os.getcwd(), here]), flush=True)
if "serve" in sys.argv: signal.pause()
sys.exit(7 if "fail" in sys.argv else 0)
"""


class Checkout:
    """A checkout with nothing but `dev`, empty locks and the small product."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "ops").mkdir(parents=True)
        (root / "ops" / "__init__.py").touch()
        (root / "ops" / "stack").mkdir()
        for program in ("__main__", "stack/__main__", "stack/full"):
            (root / "ops" / f"{program}.py").write_text(PRODUCT)
        (root / "requirements").mkdir()
        for name in ("runtime", "dev", "node"):
            (root / "requirements" / f"{name}.txt").touch()
        shutil.copy(SOURCE, root / "dev")

    @property
    def venv(self) -> Path:
        """Where its packages go."""
        return self.root / ".venv"

    def start(self, *arguments: str, **more: object) -> subprocess.Popen[str]:
        """Start `./dev` with an environment of two variables, as on a machine just set up."""
        command = [sys.executable, "-I", str(self.root / "dev"), *arguments]
        return subprocess.Popen(
            command,
            cwd=str(more.get("cwd", self.root.parent)),
            env={**bare_environment(), **as_strings(more.get("env"))},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, **more: object) -> tuple[int, str, str]:
        """Run `./dev` to its end: status, output, words to the person."""
        process = self.start(*arguments, **more)
        output, words = process.communicate(timeout=120)
        return process.returncode, output, words


def bare_environment() -> dict[str, str]:
    """What `env -i PATH=… HOME=…` leaves."""
    path = os.pathsep.join([str(Path(sys.base_prefix, "bin")), "/usr/local/bin:/usr/bin:/bin"])
    return {"PATH": path, "HOME": os.environ.get("HOME", "/")}


def as_strings(given: object) -> dict[str, str]:
    """Variables to add."""
    return (
        {str(name): str(value) for name, value in given.items()}
        if isinstance(given, Mapping)
        else {}
    )


@contextmanager
def open_directory() -> Iterator[Path]:
    """A directory that PostgreSQL's user could enter, which pytest's own are not."""
    with tempfile.TemporaryDirectory(prefix="parley-test-", dir="/tmp") as path:
        Path(path).chmod(0o755)
        yield Path(path)


@pytest.fixture
def checkout() -> Iterator[Checkout]:
    """A checkout where nothing is installed, with a blank in its name."""
    with open_directory() as base:
        yield Checkout(base / "a checkout")


@pytest.fixture(scope="module")
def installed() -> Iterator[Checkout]:
    """A checkout that has run before, for tests that change nothing in it."""
    with open_directory() as base:
        checkout = Checkout(base / "checkout")
        assert checkout.run("parley")[0] == 0
        yield checkout


@pytest.fixture
def changing(installed: Checkout) -> Iterator[Checkout]:
    """A checkout that has run before, for a test that changes it; afterwards it is as it was."""
    root = installed.root
    kept = root.with_name("kept")
    subprocess.run(["cp", "-a", str(root), str(kept)], check=True)
    assert installed.run("parley")[2] == "", "there is something to install again"
    yield installed
    shutil.rmtree(installed.root)
    installed.root = kept.rename(root)


def test_help_and_unknown_verbs(installed: Checkout) -> None:
    """Without a verb it says what there is; a wrong one is an error."""
    status, output, _ = installed.run()
    assert (status, "./dev test" in output) == (0, True)
    assert installed.run("tset") == (2, "", "dev: there is no verb 'tset'; see ./dev help\n")


def test_first_run_installs_and_the_second_does_not(checkout: Checkout) -> None:
    """Words about installing go to stderr, once: stdout is the product's."""
    for words_expected in (True, False):
        status, output, words = checkout.run("parley", "log", "head", "--json")
        assert (status, bool(words)) == (0, words_expected)
        assert output.startswith('[["log", "head", "--json"]')


def test_the_products_status_and_place_are_kept(installed: Checkout, tmp_path: Path) -> None:
    """Paths in arguments mean what they mean to the caller, and so does the status."""
    (tmp_path / "ops").mkdir()
    (tmp_path / "ops" / "__main__.py").write_text("raise SystemExit('not this one')")
    status, output, _ = installed.run("parley", "fail", cwd=tmp_path)
    assert status == 7
    assert f'"{tmp_path}"' in output


def test_the_callers_python_settings_stay_outside(installed: Checkout, tmp_path: Path) -> None:
    """PYTHONPATH and its kin reach neither the installing nor the product."""
    settings = {"PYTHONPATH": str(tmp_path), "PYTHONHOME": "/nonexistent", "VIRTUAL_ENV": "/x"}
    status, output, _ = installed.run("parley", env=settings)
    assert status == 0
    assert "PYTHON" not in output
    assert "VIRTUAL_ENV" not in output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_up_becomes_the_product(installed: Checkout, number: int) -> None:
    """The process that the caller knows is the product: signals reach it, its status is 0."""
    process = installed.start("up", "--port", "8123", "--data", "somewhere")
    assert process.stdout
    line = process.stdout.readline()
    wishes = f'"--data", "{installed.root.parent / "somewhere"}", "--port", "8123"'
    assert line.startswith(f'[["serve", "--demo", {wishes}], {process.pid},')
    process.send_signal(number)
    process.communicate(timeout=10)
    assert process.returncode == 0


def test_up_at_full_size_becomes_that(installed: Checkout) -> None:
    """Servers and processes are the affair of a program of their own; options are passed on."""
    status, output, _ = installed.run("up", "--full", "--port", "8123", "--data", "there")
    arguments, _, _, environment = json.loads(output)
    assert (status, arguments) == (
        0, ["--data", str(installed.root.parent / "there"), "--port", "8123"],
    )  # fmt: skip
    assert environment["PARLEY_DEFAULT_DATA"] == str(installed.root / ".parley")


@pytest.mark.parametrize("verb", ["up", "parley"])
def test_settings_are_left_to_the_product(installed: Checkout, verb: str) -> None:
    """Without options none are passed, so that variables and file hold; else it is .parley here."""
    process = installed.start(*([verb] if verb == "up" else [verb, "serve"]))
    assert process.stdout
    arguments, _, _, environment = json.loads(process.stdout.readline())
    process.kill()
    process.communicate()
    assert arguments == ["serve", "--demo"] if verb == "up" else ["serve"]
    assert environment["PARLEY_DEFAULT_DATA"] == str(installed.root / ".parley")


def test_a_file_is_no_data_directory(checkout: Checkout) -> None:
    """What cannot be is said before anything is installed."""
    said = checkout.run("up", "--data", str(checkout.root / "dev"))
    assert said == (1, "", f"dev: {checkout.root / 'dev'} is not a directory\n")
    assert not checkout.venv.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="root's server runs as another user")
@pytest.mark.parametrize("shut", ["data", "checkout"])
def test_a_shut_way_is_said_before_installing(shut: str) -> None:
    """As root: which directory is shut to PostgreSQL's user, what lies there, and what to do."""
    with open_directory() as base:
        (base / "open").mkdir(mode=0o755)
        (base / "shut").mkdir(mode=0o700)
        checkout = Checkout(base / ("shut" if shut == "checkout" else "open") / "checkout")
        data = base / ("shut" if shut == "data" else "open") / "data"
        status, output, words = checkout.run("up", "--data", str(data))
        assert (status, output) == (1, "")
        assert words.startswith(f"dev: {base / 'shut'} cannot be entered by user nobody")
        assert ("the data lie" if shut == "data" else "programs lie") in words
        assert not checkout.venv.exists()


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 0), (signal.SIGKILL, -9)])
def test_an_interrupted_install_is_done_again(checkout: Checkout, number: int, status: int) -> None:
    """Whatever half of .venv there is, the next run does not trust it."""
    process = checkout.start("up")
    while not (checkout.venv / "bin").exists():
        time.sleep(0.01)
    process.send_signal(number)
    process.communicate(timeout=10)
    assert process.returncode == status
    assert checkout.run("parley")[0] == 0


def test_a_changed_lock_is_installed(changing: Checkout) -> None:
    """The stamp is the lock's hash; the environment itself is kept."""
    (changing.venv / "kept").touch()
    (changing.root / "requirements" / "runtime.txt").write_text("# changed\n")
    (changing.root / "requirements" / "dev.txt").write_text("# changed\n")
    status, _, words = changing.run("parley")
    assert (status, "installing Python packages" in words) == (0, True)
    assert (changing.venv / "kept").exists()


def test_a_moved_checkout_is_installed_anew(changing: Checkout) -> None:
    """An environment is bound to its path; a checkout is not."""
    changing.root = changing.root.rename(changing.root.parent / "elsewhere")
    status, _, words = changing.run("parley")
    assert (status, "making .venv" in words) == (0, True)


def test_a_lost_python_is_installed_anew(changing: Checkout) -> None:
    """The stamp alone is not believed: an upgrade of the system may take the Python away."""
    (changing.venv / "bin" / "python").unlink()
    status, _, words = changing.run("parley")
    assert (status, "making .venv" in words) == (0, True)


def test_two_at_once_install_once(checkout: Checkout) -> None:
    """The second waits for the first and finds the work done."""
    both = [checkout.start("parley") for _ in range(2)]
    words = [process.communicate(timeout=120)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sum("making .venv" in said for said in words) == 1


def test_a_package_that_is_not_there(checkout: Checkout) -> None:
    """A failed install shows the installer's words, ends with 1, and is tried again next time."""
    wish = "no-such-package-as-this==1 --hash=sha256:" + "0" * 64
    (checkout.root / "requirements" / "runtime.txt").write_text(wish)
    offline = {"PIP_NO_INDEX": "1"}
    status, _, words = checkout.run("parley", env=offline)
    assert status == 1
    assert "no-such-package-as-this" in words
    assert words.splitlines()[-1].startswith("dev: ")
    (checkout.root / "requirements" / "runtime.txt").write_text("")
    assert checkout.run("parley")[0] == 0


@pytest.mark.parametrize(
    ("pretence", "sentence"),
    [
        ("sys.version_info = (3, 10, 1)", "dev: Parley needs Python 3.11 or newer, and this is"),
        ("sys.modules['ensurepip'] = None", "dev: this Python cannot make virtual environments"),
    ],
)
def test_what_this_python_lacks_is_said(checkout: Checkout, pretence: str, sentence: str) -> None:
    """Too old, or without what Debian parts from it: one sentence, and no traceback."""
    program = f"import runpy, sys; {pretence}; sys.argv = ['dev', 'parley']; "
    start = f"runpy.run_path({str(checkout.root / 'dev')!r}, run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-I", "-c", program + start],
        env={"PATH": "/nonexistent"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(sentence)
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="needs another user to become")
def test_without_root_missing_packages_are_named(installed: Checkout) -> None:
    """`test` says what is missing and how it is had, and stops."""
    program = (
        "import os, runpy, sys; space = runpy.run_path(sys.argv[1]); "
        "os.setgroups([]); os.setgid(65534); os.setuid(65534); "
        "space['install_system']({'some-package': ['no-such-program', 'nor-this']})"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program, SOURCE], capture_output=True, text=True
    )
    last = done.stderr.splitlines()[-1]
    assert "this needs some-package" in last
    assert "apt-get install --no-install-recommends some-package" in last


@pytest.mark.parametrize(("given", "place"), [([], ".stack"), (["--data", "there"], "there")])
@pytest.mark.parametrize("only", [[], ["--only", "broker", "redis"]])
def test_stack_becomes_the_stack(
    installed: Checkout, given: list[str], place: str, only: list[str]
) -> None:
    """Its directory is the checkout's own, or the caller's; its servers all, or those named."""
    status, output, _ = installed.run("stack", "env", *only, *given)
    base = installed.root.parent if given else installed.root
    assert (status, json.loads(output)[0]) == (0, ["env", "--data", str(base / place), *only])


def test_stack_wants_to_know_what(installed: Checkout) -> None:
    """Without a word, or with a wrong one, it says which there are."""
    for wrong in ([], ["start"]):
        status, _, words = installed.run("stack", *wrong)
        assert (status, "up" in words, "down" in words, "env" in words) == (2, True, True, True)


# --- the system's packages --------------------------------------------------------------------


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module, whose system is a directory of the test's."""
    loader = importlib.machinery.SourceFileLoader("dev_script", str(SOURCE))
    spec = importlib.util.spec_from_loader("dev_script", loader)
    assert spec
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    monkeypatch.setattr(module, "POLICY", tmp_path / "policy-rc.d")
    return module


def test_an_environment_that_lies_elsewhere_is_left_alone(
    dev: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To make it anew empties it first: of another checkout nothing is taken."""
    others = tmp_path / "others"
    (others / "bin").mkdir(parents=True)
    monkeypatch.setattr(dev, "VENV", tmp_path / ".venv")
    dev.VENV.symlink_to(others)
    with pytest.raises(dev.Refusal, match="remove the link"):
        dev.make_venv()
    assert (others / "bin").is_dir()


def test_any_of_a_packages_programs_is_enough(dev: ModuleType) -> None:
    """Valkey does for Redis, and what only root's PATH has is found too."""
    dev.install_system({"no-such-package": ["no-such-program", "sh"]})
    assert dev.find("ldconfig")


def test_the_stack_finds_what_was_found_here(
    dev: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One rule for both: the system's places, then the caller's path; RabbitMQ's one place."""
    assert dev.SYSTEM_PATH == processes.SYSTEM_PATH
    (pattern,) = dev.SERVERS["rabbitmq-server"]
    assert dev.find(pattern) == str(find_release() / "sbin" / "rabbitmq-server")
    for module in (dev, processes):
        monkeypatch.setattr(module, "SYSTEM_PATH", "/nowhere")
    own = tmp_path / "valkey-server"
    monkeypatch.setenv("PATH", str(tmp_path))
    for program in dev.SERVERS["redis-server"]:
        assert dev.find(program) is None
    with pytest.raises(ProgramsMissing, match="Redis was not found on the path"):
        find_program()
    own.touch(mode=0o755)
    assert dev.find("valkey-server") == find_program() == str(own)


def test_only_what_is_to_run_is_wanted_of_the_system(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Who starts one server, or names another elsewhere, need not have the rest."""
    wanted: list[list[str]] = []
    monkeypatch.setattr(dev, "install_system", lambda packages: wanted.append(list(packages)))
    monkeypatch.setattr(dev, "install", lambda what: None)
    monkeypatch.setattr(dev, "demand_way", lambda data: None)
    monkeypatch.setattr(dev, "build_web", lambda: None)
    monkeypatch.setattr(dev, "become", lambda command: None)
    data = ["--data", str(tmp_path)]
    dev.stack(["up", "--only", "broker", *data])
    dev.stack(["up", "--only", "database", *data])
    dev.stack(["up", *data])
    monkeypatch.setenv("PARLEY_REDIS_URL", "redis://elsewhere/")
    dev.up(["--full", *data])
    assert wanted == [["rabbitmq-server"], [], [*dev.SERVERS], ["rabbitmq-server"]]


def test_contributors_know_what_the_system_gives(dev: ModuleType) -> None:
    """Each package that a test may want is named by its program's own name."""
    said = SOURCE.with_name("CONTRIBUTING.md").read_text().lower()
    packages = {**dev.CHECKERS, **dev.SERVERS}
    assert [name for name in packages if name.removesuffix("-server") not in said] == []


def test_services_are_kept_from_starting(dev: ModuleType) -> None:
    """While something is installed Debian is told no, and afterwards it is as before."""
    with dev.no_services():
        assert subprocess.run([dev.POLICY, "rabbitmq-server", "start"]).returncode == 101
    assert not dev.POLICY.exists()


def test_what_a_killed_run_left_is_taken_away(dev: ModuleType) -> None:
    """Else no service would ever start again."""
    dev.POLICY.write_text(dev.NO_SERVICES)
    with dev.no_services():
        pass
    assert not dev.POLICY.exists()


def test_an_administrators_policy_holds(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is not touched; what it lets start is said, and what ran before is not."""
    dev.POLICY.write_text("#!/bin/sh\n")
    with socket.create_server(("127.0.0.1", 0)) as before, socket.socket() as started:
        started.bind(("127.0.0.1", 0))
        ports = {before.getsockname()[1]: "Redis", started.getsockname()[1]: "RabbitMQ"}
        monkeypatch.setattr(dev, "DEFAULT_PORTS", ports)
        with dev.no_services():
            started.listen()
    assert dev.POLICY.read_text() == "#!/bin/sh\n"
    words = capsys.readouterr().err
    assert words.startswith("dev: the system has started RabbitMQ at port ")
    assert words.count("\n") == 1


# --- web files --------------------------------------------------------------------------------


WEB = """{"name": "w", "version": "1.0.0", "private": true,
"scripts": {"build": "node -e \\"require('fs').mkdirSync('dist', {recursive: true});
require('fs').appendFileSync('built', 'x')\\""}}""".replace("\n", " ")
WEB_LOCK = '{"name": "w", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": {}}}'


@pytest.mark.skipif(shutil.which("npm") is None, reason="installing Node needs the network")
def test_web_files_are_built_when_their_sources_change(changing: Checkout) -> None:
    """`up` builds once, and again after a change; the command line does without."""
    web = changing.root / "web"
    web.mkdir()
    (web / "package.json").write_text(WEB.replace("'built'", f"'{changing.root}/built'"))
    (web / "package-lock.json").write_text(WEB_LOCK)
    (web / "node_modules").mkdir()
    assert changing.run("parley")[0] == 0
    assert not (changing.root / "built").exists()
    for change, builds in ((False, 1), (False, 1), (True, 2)):
        if change:
            (web / "page.ts").write_text("export {}")
        process = changing.start("up")
        assert process.stdout
        assert process.stdout.readline()
        process.kill()
        process.communicate()
        assert len((changing.root / "built").read_text()) == builds
