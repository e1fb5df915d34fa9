"""The supervisor over real processes of a few lines: death, silence, renewal, and every end."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from ops.errors import CannotRun
from ops.supervision.processes import Listed, Process, read
from tests.fixtures.server import CHECKOUT, clean_environment, free_port

PATIENCE_S = 30.0
# Quicker than in life, and still long enough for a machine on which much else is tested.
QUICK = {
    "PARLEY_SUPERVISOR_FIRST_PAUSE_S": "0.05",
    "PARLEY_SUPERVISOR_LONGEST_PAUSE_S": "0.4",
    "PARLEY_SUPERVISOR_SETTLED_S": "6",
    "PARLEY_SUPERVISOR_FIRST_BEAT_S": "30",
    "PARLEY_SUPERVISOR_SILENT_S": "4",
    "PARLEY_SUPERVISOR_READY_S": "30",
    "PARLEY_SUPERVISOR_LEAVE_S": "5",
    "PARLEY_SUPERVISOR_STOP_S": "3",
    "PARLEY_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
}


class Group:
    """A supervisor and what it keeps. Only these processes are ever signalled."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = free_port()
        self.log = data.parent / "group.log"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address that they share."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, *plan: str, **more: Any) -> Group:
        """Start it, and wait until all are ready unless it is told not to."""
        wait, environment = more.pop("wait", True), more.pop("environment", {})
        product = [sys.executable, "-m", "tests.fixtures.small_product"]
        command = [*more.pop("before", ()), *product]
        settings = {**QUICK, "PARLEY_PORT": str(self.port), **environment}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, str(self.data), *(plan or ("node:2",))],
                cwd=CHECKOUT,
                env=clean_environment(**settings),
                stdout=log,
                stderr=log,
                **more,
            )
        if wait:
            until(lambda: "ready http" in self.said(), self.said)
        return self

    def said(self) -> str:
        """Everything that it has said."""
        return self.log.read_text()

    def events(self, about: str) -> list[dict[str, Any]]:
        """What it has logged of this kind."""
        lines = [line for line in self.said().splitlines() if line.startswith("{")]
        return [form for form in map(json.loads, lines) if about in form["event"]]

    def listed(self) -> Listed:
        """Its list of processes."""
        found = read(self.data)
        assert found is not None
        return found

    def named(self, name: str) -> Process:
        """The process of a post, while it has but one."""
        (found,) = [each for each in self.listed().processes if each.name == name]
        return found

    def answer(self, path: str = "/") -> int:
        """The number of the process that answers at the shared address."""
        return int(httpx.get(f"{self.url}{path}", timeout=PATIENCE_S).text)

    def signal(self, number: signal.Signals) -> None:
        """Signal the supervisor."""
        assert self.process is not None
        self.process.send_signal(number)

    def wait(self, timeout_s: float = 10.0) -> int:
        """Its exit status."""
        assert self.process is not None
        return self.process.wait(timeout_s)

    def end(self) -> None:
        """Leave nothing behind, whatever the test did."""
        with contextlib.suppress(CannotRun):
            left = read(self.data)
            for each in () if left is None else left.processes:
                if each.lives:
                    os.kill(each.pid, signal.SIGKILL)
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def group(tmp_path: Path) -> Iterator[Group]:
    """A group that is not started yet."""
    made = Group(tmp_path / "data")
    made.data.mkdir()
    yield made
    made.signal(signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        made.wait()
    made.end()


def until(holds: Callable[[], object], said: Callable[[], str] = str) -> None:
    """Wait for something that must come."""
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end, f"it did not come: {said()}"
        time.sleep(0.02)


@contextlib.contextmanager
def visits(group: Group) -> Iterator[set[int]]:
    """Ask at the shared address all the time, each time anew; every answer must come."""
    seen: set[int] = set()
    failures: list[Exception] = []
    over = threading.Event()

    def visit() -> None:
        while not over.is_set():
            try:
                seen.add(group.answer())
            except Exception as error:  # noqa: BLE001  # told below
                failures.append(error)
            time.sleep(0.005)

    visitor = threading.Thread(target=visit)
    visitor.start()
    try:
        yield seen
    finally:
        over.set()
        visitor.join()
    assert not failures, failures[:3]


def replaced(group: Group, before: Process) -> bool:
    """Whether a post has one other process, which is ready."""
    now = [each for each in group.listed().processes if each.name == before.name]
    return len(now) == 1 and now[0].pid != before.pid and ready(now[0])


def ready(process: Process) -> bool:
    """Whether a process says that it is."""
    try:
        return httpx.get(f"http://127.0.0.1:{process.port}/readyz").status_code == 200
    except httpx.TransportError:
        return False


# --- starting -------------------------------------------------------------------------------


def test_every_post_is_filled_and_listed(group: Group) -> None:
    """Names, roles and own addresses; who serves nobody is not behind the shared one."""
    group.start("node:2", "relay:1", "relay+projector:1")
    listed = group.listed()
    assert group.process is not None
    assert (listed.supervisor, listed.url) == (group.process.pid, group.url)
    assert {each.name: each.roles for each in listed.processes} == {
        "node-1": ("admin", "agent", "visitor"),
        "node-2": ("admin", "agent", "visitor"),
        "relay-1": ("relay",),
        "projector+relay-1": ("projector", "relay"),
    }
    assert all(each.lives and ready(each) and not each.restarts for each in listed.processes)
    nodes = {each.pid for each in listed.processes if each.name.startswith("node")}
    assert {group.answer() for _ in range(20)} <= nodes


@pytest.mark.parametrize("elsewhere", [False, True], ids=["beside the list", "elsewhere"])
def test_prometheus_finds_every_process(group: Group, *, elsewhere: bool) -> None:
    """In its own form, readable for it, under names that stay whichever process fills the post."""
    place = group.data.parent if elsewhere else group.data
    found_by = place / "prometheus.json"
    setting = {"PARLEY_SUPERVISOR_TARGETS": str(found_by)} if elsewhere else {}
    group.start("node:1", "relay:1", environment=setting, umask=0o077)
    names = [f"node-1@{socket.gethostname()}", f"relay-1@{socket.gethostname()}"]
    before = group.named("node-1")
    os.kill(before.pid, signal.SIGKILL)
    until(lambda: replaced(group, before), group.said)
    assert stat.S_IMODE(found_by.stat().st_mode) == 0o644
    assert stat.S_IMODE((group.data / "processes.json").stat().st_mode) == 0o600
    form = json.loads(found_by.read_text())
    assert [each["labels"] for each in form] == [{"instance": name} for name in names]
    assert [each["targets"] for each in form] == [
        [f"127.0.0.1:{group.named(name).port}"] for name in ("node-1", "relay-1")
    ]
    config = place / "prometheus.yml"
    config.write_text(
        "scrape_configs: [{job_name: parley, file_sd_configs: [{files: [prometheus.json]}]}]\n"
    )
    done = subprocess.run(["promtool", "check", "config", config], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    group.signal(signal.SIGTERM)
    assert group.wait() == 0
    assert not found_by.exists()


@pytest.mark.parametrize("below", ["nothing", "a file"])
def test_a_place_that_prometheus_cannot_be_told_at_is_said(
    group: Group, tmp_path: Path, below: str
) -> None:
    """All is kept as well as ever, and ends in order; the log says what is amiss."""
    nowhere = tmp_path / "nowhere" / "prometheus.json"
    if below == "a file":
        nowhere.parent.touch()
    group.start("node:1", environment={"PARLEY_SUPERVISOR_TARGETS": str(nowhere)})
    assert ready(group.named("node-1"))
    why = {"nothing": "No such file or directory", "a file": "Not a directory"}[below]
    assert group.events(f"{nowhere} cannot be written: {why}")
    group.signal(signal.SIGTERM)
    assert group.wait() == 0


def test_a_second_supervisor_is_refused(group: Group) -> None:
    """One sentence, status 1, and the first one's processes are left alone."""
    group.start()
    before = group.listed()
    second = Group(group.data)
    second.log = group.data.parent / "second.log"
    try:
        second.start(wait=False)
        assert second.wait() == 1
        assert "looks after" in second.said()
        assert f"(process {before.supervisor})" in second.said()
    finally:
        second.process = None
    assert group.listed() == before
    assert all(map(ready, before.processes))


def test_a_port_in_use_is_one_sentence(group: Group) -> None:
    """Said at once, before anything is started."""
    with socket.create_server(("127.0.0.1", group.port)):
        group.start(wait=False)
        assert group.wait() == 1
    assert f"Port {group.port} of 127.0.0.1 is in use" in group.said()
    assert read(group.data) is None


def test_systemds_socket_is_shared(group: Group) -> None:
    """Started by a socket of systemd, they serve there, and leave it open when they end."""
    with socket.create_server(("127.0.0.1", group.port)) as listener:
        systemd = [sys.executable, "-c", AS_SYSTEMD, str(listener.fileno())]
        product = [sys.executable, "-m", "tests.fixtures.small_product"]
        with group.log.open("wb") as log:
            group.process = subprocess.Popen(
                [*systemd, *product, str(group.data), "node:1"],
                cwd=CHECKOUT,
                env=clean_environment(**QUICK, PARLEY_PORT="1"),
                pass_fds=[listener.fileno()],
                stdout=log,
                stderr=log,
            )
        until(lambda: f"ready {group.url}" in group.said(), group.said)
        assert group.answer() == group.named("node-1").pid
        group.signal(signal.SIGTERM)
        assert group.wait() == 0
        with socket.create_connection(("127.0.0.1", group.port)):
            pass


AS_SYSTEMD = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.argv[2], sys.argv[2:])
"""


# --- dying ----------------------------------------------------------------------------------


def test_a_dead_process_is_started_again(group: Group) -> None:
    """Kill -9: the others take its connections, its post is filled, and the log says why."""
    group.start()
    before = group.named("node-1")
    with visits(group):
        os.kill(before.pid, signal.SIGKILL)
        until(lambda: replaced(group, before), group.said)
    assert group.named("node-1").restarts == 1
    assert group.named("node-2").restarts == 0
    (told,) = group.events("has ended and is started again")
    assert (told["node"], told["pid"]) == ("node-1", before.pid)
    assert told["roles"] == "admin,agent,visitor"
    assert told["reason"] == "it was killed by SIGKILL"


@pytest.mark.parametrize("how", ["stopped", "blocked"])
def test_a_hung_process_is_killed_and_replaced(group: Group, how: str) -> None:
    """SIGSTOP, or an event loop that never turns: noticed by the beats that do not come."""
    group.start()
    before = group.named("node-1")
    if how == "stopped":
        os.kill(before.pid, signal.SIGSTOP)
    else:
        with contextlib.suppress(httpx.ReadTimeout):
            httpx.get(f"http://127.0.0.1:{before.port}/block", timeout=0.2)
    with visits(group):
        until(lambda: replaced(group, before), group.said)
    assert not before.lives
    (told,) = group.events("has ended and is started again")
    assert (told["node"], told["reason"]) == ("node-1", "it hung and was killed")


def test_a_supervisor_that_stood_still_blames_nobody(group: Group) -> None:
    """Stopped longer than a process may be silent, it goes on as if nothing had been."""
    group.start()
    before = group.listed()
    group.signal(signal.SIGSTOP)
    time.sleep(6.0)
    group.signal(signal.SIGCONT)
    time.sleep(1.5)
    assert group.listed() == before
    assert all(map(ready, before.processes))


def test_a_process_that_does_not_stay_up_is_tried_ever_less_often(group: Group) -> None:
    """The pauses double up to the longest, somebody is called, and once it lives all is well."""
    group.start()
    before = group.named("node-1")
    (group.data / "failing").touch()
    os.kill(before.pid, signal.SIGKILL)
    with visits(group):
        until(lambda: len(group.events("is started again")) >= 6, group.said)
        pauses = [each["pause_s"] for each in group.events("is started again")]
        assert pauses[:6] == [0.05, 0.1, 0.2, 0.4, 0.4, 0.4]
        assert group.events("is started again")[1]["reason"] == "it ended with status 3"
        assert len(group.events("alarm: node-1 does not stay up")) == 1
        (group.data / "failing").unlink()
        until(lambda: replaced(group, before), group.said)
        assert group.named("node-1").restarts >= 6
        settled = group.named("node-1")
        until(lambda: time.time() - settled.since > 6.5)
        os.kill(settled.pid, signal.SIGKILL)
        until(lambda: replaced(group, settled), group.said)
    assert group.events("is started again")[-1]["pause_s"] == 0.05


# --- renewing -------------------------------------------------------------------------------


def test_a_rolling_restart_renews_all_and_refuses_nobody(group: Group) -> None:
    """One after the other, the new one ready before the old one goes; every visit is answered."""
    group.start("node:2", "relay:1")
    before = {each.pid for each in group.listed().processes}
    most = 0
    with visits(group) as seen:
        group.signal(signal.SIGHUP)
        while not group.events("all processes are new"):
            most = max(most, len(group.listed().processes))
            time.sleep(0.01)
    until(lambda: len(group.listed().processes) == 3, group.said)
    after = group.listed().processes
    assert [each.name for each in after] == ["node-1", "node-2", "relay-1"]
    assert not before & {each.pid for each in after}
    assert most == 4, "never two at once"
    assert seen & before
    assert all(each.restarts == 0 for each in after)
    steps = [
        (each["node"], each["event"])
        for each in group.events("a process")
        if each.get("reason") != "first start"
    ]
    assert steps == [
        (name, event)
        for name in ("node-1", "node-2", "relay-1")
        for event in ("started a process", "a process has ended")
    ]


def test_a_roll_stops_where_a_replacement_does_not_become_ready(group: Group) -> None:
    """The old one stays, the new one ends, the rest is left alone; later it can be tried again."""
    group.start(environment={"PARLEY_SUPERVISOR_READY_S": "5"})
    before = group.listed()
    (group.data / "unready").touch()
    with visits(group):
        group.signal(signal.SIGHUP)
        until(lambda: group.events("alarm: rolling restart stopped"), group.said)
        until(lambda: group.listed() == before, group.said)
        (group.data / "unready").unlink()
        group.signal(signal.SIGHUP)
        until(lambda: group.events("all processes are new"), group.said)
    assert not {each.pid for each in before.processes} & {
        each.pid for each in group.listed().processes
    }


def test_a_replacement_that_dies_stops_the_roll(group: Group) -> None:
    """It is not started again: the old one is there, and what was put there does not work."""
    group.start()
    before = group.listed()
    (group.data / "failing").touch()
    group.signal(signal.SIGHUP)
    until(lambda: group.events("alarm: rolling restart stopped"), group.said)
    until(lambda: group.listed() == before, group.said)
    assert all(map(ready, before.processes))
    assert len(group.events("started a process")) == 3


def test_a_wish_during_a_roll_is_not_lost(group: Group) -> None:
    """What was changed since may have come too late for the first of them."""
    group.start()
    group.signal(signal.SIGHUP)
    until(lambda: group.events("rolling restart: begun"), group.said)
    group.signal(signal.SIGHUP)
    until(lambda: len(group.events("all processes are new")) == 2, group.said)


# --- ending ---------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_all_end_at_once(group: Group, number: signal.Signals) -> None:
    """Status 0, no process and no list left, and the port is free."""
    group.start("node:3")
    listed = group.listed()
    group.signal(number)
    assert group.wait() == 0
    assert not any(each.lives for each in listed.processes)
    assert read(group.data) is None
    with socket.create_server(("127.0.0.1", group.port)):
        pass


@pytest.mark.parametrize("before", [[], ["nohup"]], ids=["", "nohup"])
def test_a_closed_terminal_ends_all(group: Group, before: list[str]) -> None:
    """Nobody could see it any more; but SIGHUP from a person renews, and nohup holds."""
    ours, theirs = pty.openpty()
    group.start(before=["setsid", "--ctty", *before], stdin=theirs)
    os.close(theirs)
    listed = group.listed()
    group.signal(signal.SIGHUP)
    until(lambda: group.events("all processes are new"), group.said)
    os.close(ours)
    if before:
        until(lambda: len(group.events("all processes are new")) == 2, group.said)
        group.signal(signal.SIGTERM)
    assert group.wait() == 0
    assert not any(each.lives for each in listed.processes)


@pytest.mark.parametrize("how", ["stopped", "stubborn"])
def test_who_does_not_end_is_killed(group: Group, how: str) -> None:
    """A process that stands still, or hears nothing, holds up the end for its time only."""
    if how == "stubborn":
        (group.data / "stubborn").touch()
    group.start()
    listed = group.listed()
    if how == "stopped":
        os.kill(listed.processes[0].pid, signal.SIGSTOP)
    group.signal(signal.SIGTERM)
    assert group.wait() == 0
    assert not any(each.lives for each in listed.processes)
    assert group.events("did not end and is killed")


def test_told_twice_they_hurry(group: Group) -> None:
    """Whoever asks again does not wait for what takes its time."""
    (group.data / "slow").touch()
    group.start(environment={"PARLEY_SUPERVISOR_STOP_S": "60"})
    listed = group.listed()
    group.signal(signal.SIGTERM)
    until(lambda: group.events("stopping"), group.said)
    time.sleep(0.3)
    assert all(each.lives for each in listed.processes)
    group.signal(signal.SIGTERM)
    assert group.wait() == 0
    assert not group.events("did not end and is killed")


def test_a_stop_in_the_middle_of_anything_is_a_clean_one(group: Group) -> None:
    """While it starts, and while it renews: nothing is left."""
    group.start(wait=False)
    until(lambda: read(group.data) is not None, group.said)
    group.signal(signal.SIGTERM)
    assert group.wait() == 0
    group.start()
    group.signal(signal.SIGHUP)
    until(lambda: len(group.listed().processes) == 3, group.said)
    listed = group.listed()
    group.signal(signal.SIGTERM)
    assert group.wait() == 0
    assert not any(each.lives for each in listed.processes)


def test_a_killed_supervisor_takes_its_processes_along(group: Group) -> None:
    """They see the line cut and end by themselves; the port is free, and the next one starts."""
    group.start("node:2", "relay:1")
    listed = group.listed()
    group.signal(signal.SIGKILL)
    group.wait()
    until(lambda: not any(each.lives for each in listed.processes))
    with socket.create_server(("127.0.0.1", group.port)):
        pass
    group.start()
    assert group.answer() in {each.pid for each in group.listed().processes}


def test_what_stands_still_after_a_killed_supervisor_is_ended_by_the_next(
    group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would hold the port for ever; it is known by its number and its birth."""
    group.start()
    left = group.named("node-1")
    os.kill(left.pid, signal.SIGSTOP)
    group.signal(signal.SIGKILL)
    group.wait()
    group.start()
    assert not left.lives
    assert group.answer() in {each.pid for each in group.listed().processes}
    assert [each["pid"] for each in group.events("killed what an earlier run had left")] == [
        left.pid
    ]


def test_anothers_process_of_the_same_number_is_left_alone(group: Group) -> None:
    """A list from before a restart of the machine may name the number of anything."""
    group.start()
    listed = group.listed()
    group.signal(signal.SIGKILL)
    group.wait()
    until(lambda: not any(each.lives for each in listed.processes))
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as other:
        try:
            born = psutil.Process(other.pid).create_time()
            form = json.loads((group.data / "processes.json").read_text())
            form["processes"][0] |= {"pid": other.pid, "born": born - 100}
            (group.data / "processes.json").write_text(json.dumps(form))
            group.start()
            assert other.poll() is None
        finally:
            other.kill()
