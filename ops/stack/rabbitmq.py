"""The stack's RabbitMQ, and the epmd that it asks for: a node of its own, unseen by any other.

Without an epmd as our own process Erlang would start one as a daemon, which stays. The node is
started from a tree of links, which shows it only the plugins that are needed: of its start's seven
seconds it spends half looking at the others. Paths are relative where its shell scripts meet them,
since they fall over spaces.
"""

from __future__ import annotations

import signal
import time
from pathlib import Path

import psutil

from ops.stack import processes
from ops.stack.answering import answers, ask_broker, listens
from ops.stack.directory import Address, demand_free, make_home, write_private
from ops.stack.errors import ServerNotUp, StackNotUsable
from ops.stack.rabbitmq_programs import find_release, link_release

USER = "parley"
NODE = "parley@localhost"
STOP_S = 20.0
"""Seconds for a stop in order; it takes one, on an idle machine."""
EPMD_S = 10.0
"""Seconds for epmd to listen, or to end."""
LOOK_S = 0.01
BREAKING = ":'"
"""What it stumbles over in a path: it makes a list of paths, and quotes one for a shell."""

CONFIGURATION = """\
listeners.tcp.1 = 127.0.0.1:{port}
default_user = {user}
default_pass = {password}
loopback_users = none
"""
MANAGEMENT = """\
management.tcp.ip = 127.0.0.1
management.tcp.port = {port}
management_agent.disable_metrics_collector = true
"""


class RabbitMQ:
    """A RabbitMQ node in a directory of its own. See `Server`.

    `management` has it offer its HTTP interface too, by which tests make virtual hosts. It takes a
    second more to start, and five to stop: RabbitMQ 3.10 waits for its statistics in vain.
    """

    words = "RabbitMQ"
    start_s = 90.0

    def __init__(self, home: Path, *, management: bool) -> None:
        self._home = home
        self._management = management
        self._address = home / "address.json"
        self._epmd = home / "epmd"
        self._node = home / "node"
        self.places = (self._node, self._epmd)
        self.log = home / "rabbitmq.log"

    @property
    def url(self) -> str | None:
        address = Address.read(self._address)
        return (
            f"amqp://{USER}:{address.password}@127.0.0.1:{address.ports[0]}/" if address else None
        )

    @property
    def management_url(self) -> str | None:
        """Where its HTTP interface is, with user and password."""
        return self._url("http", 3)

    def _url(self, scheme: str, number: int) -> str | None:
        address = Address.read(self._address)
        if address is None:
            return None
        return f"{scheme}://{USER}:{address.password}@127.0.0.1:{address.ports[number]}/"

    def prepare(self) -> None:
        if found := [each for each in BREAKING if each in str(self._home)]:
            raise StackNotUsable(self._home, f"cannot hold RabbitMQ, with a {found[0]} in it")
        for directory in (self._home, self._epmd, self._node):
            make_home(directory)
        Address.kept(self._address, 4)

    def launch(self) -> None:
        address = Address.kept(self._address, 4)
        if not processes.working_in(self._epmd):
            self._launch_epmd(address.ports[2])
        if self.main() is None:
            self._launch_node(address)

    def _launch_epmd(self, port: int) -> None:
        demand_free(port, self.words, self._home)
        command = ["epmd", "-port", str(port), "-address", "127.0.0.1"]
        processes.spawn(command, self._epmd, self.log)
        deadline_s = time.monotonic() + EPMD_S
        while not listens(port):
            if time.monotonic() > deadline_s:
                raise ServerNotUp("RabbitMQ's epmd does not listen", self.log)
            time.sleep(LOOK_S)

    def _launch_node(self, address: Address) -> None:
        port, distribution, epmd, management = address.ports
        for each in (port, distribution, *([management] if self._management else [])):
            demand_free(each, self.words, self._home)
        plugins = ["rabbitmq_management"] if self._management else []
        link_release(find_release(), self._node / "release", plugins)
        write_private(self._node / "enabled_plugins", f"[{','.join(plugins)}].\n")
        text = CONFIGURATION.format(port=port, user=USER, password=address.password)
        text += MANAGEMENT.format(port=management) if self._management else ""
        write_private(self._node / "rabbitmq.conf", text)
        processes.spawn(
            ["release/sbin/rabbitmq-server"],
            self._node,
            self.log,
            environment=self._environment(distribution, epmd),
        )

    def _environment(self, distribution: int, epmd: int) -> dict[str, str]:
        place = str(self._node)
        return {
            "HOME": place,  # for the cookie
            "RABBITMQ_SCRIPTS_DIR": "release/sbin",
            "RABBITMQ_NODENAME": NODE,
            "RABBITMQ_DIST_PORT": str(distribution),
            "ERL_EPMD_PORT": str(epmd),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_MNESIA_BASE": f"{place}/data",
            "RABBITMQ_LOG_BASE": f"{place}/log",
            "RABBITMQ_LOGS": "-",  # all into our own file
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{place}/enabled_plugins",
            "RABBITMQ_CONFIG_FILE": f"{place}/rabbitmq.conf",
            "RABBITMQ_ADVANCED_CONFIG_FILE": f"{place}/advanced.config",
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "ERL_AFLAGS": "-start_epmd false",  # neither the node nor what it runs to that end
            "RUNNING_UNDER_SYSTEMD": "true",  # the script becomes the node instead of watching it
        }

    def lives(self) -> bool:
        return self.main() is not None and bool(processes.working_in(self._epmd))

    def answers(self) -> bool:
        return answers(ask_broker, self.url)

    def main(self) -> psutil.Process | None:
        """The node, or what is about to become it."""
        return processes.oldest(processes.working_in(self._node))

    def end(self) -> None:
        node = self.main()
        if node is not None:
            processes.tell([node], signal.SIGTERM)
            processes.tell(processes.working_in(self._node), signal.SIGCONT)
            processes.await_end([node], STOP_S)
        processes.kill(self._node)
        processes.end(self._epmd, signal.SIGTERM, EPMD_S)
