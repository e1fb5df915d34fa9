"""Every setting of the product: meaning, unit, default and reason, one line each.

What a room may take it says in a settings class of its own; here they are put together with what
concerns the process as a whole. Built once, by :mod:`ops.settings_source`, and never changed.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from adapters.limits.token_buckets import LimitSettings
from adapters.passwords.argon2id import Argon2Settings
from adapters.postgres.settings import PostgresSettings
from adapters.redis.settings import RedisSettings
from adapters.telemetry.settings import TracingSettings
from adapters.websocket.settings import SocketSettings
from api.deps import ApiSettings
from brokers.settings import BrokerSettings, RelaySettings, TailSettings
from domain.file.settings import FileSettings
from domain.file.types import TYPES
from domain.handling.commands import HandlingLimits
from domain.handling.door_settings import DoorSettings
from domain.presence import PresenceSettings
from domain.routing.settings import RouterSettings
from domain.webhooks.courier import LEASE_MARGIN_S
from domain.webhooks.settings import WebhookSettings
from ops.breakers import BreakerSettings
from ops.errors import BadSetting
from ops.roles import ALL, Role, parse
from ops.supervision.settings import SupervisorSettings
from projections.building import BuildSettings
from projections.projector import ProjectorSettings
from projections.search.settings import SearchSettings

MASTER_KEY_BYTES = 32
LOG_LEVELS = ("debug", "info", "warning", "error")
LOG_FORMATS = ("text", "json")
CHECKOUT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class ServerSettings:
    """What the HTTP server takes from whoever connects."""

    backlog: int = 4096
    """Connections that the kernel holds until they are accepted: a whole site reconnecting."""

    connections: int = 25_000
    """Connections of any kind; more are cut, since each costs memory and a descriptor."""

    connections_per_address: int = 2_000
    """Connections of one network address (an office behind one), those of a trusted proxy apart;
    more are cut. Above its sockets, so that a page still loads beside them."""

    request_header_s: float = 10.0
    """Seconds for a request's header to come; a slower client is cut off, it only holds a place."""

    request_header_bytes: int = 32 * 1024
    """Bytes of a request's header; above what browsers send, with room for cookies."""

    keep_alive_s: int = 15
    """Seconds that a connection without a request is kept; longer than a page's next request."""

    socket_message_bytes: int = 256 * 1024
    """Bytes of a WebSocket message before 1009; above the protocol's limit, which has its code."""

    close_s: float = 3.0
    """Seconds that a client has to take its close frame; then the connection is cut."""


@dataclass(frozen=True)
class CommitSettings:
    """The one way into the log (:mod:`domain.group_commit`)."""

    batch_commands: int = 256
    """Commands of a batch: beyond it a batch only takes longer, and holds the tenant's lock."""

    queue_commands: int = 8_192
    """Commands of a tenant that may wait for a batch; more are ``unavailable``."""


@dataclass(frozen=True)
class StopSettings:
    """How long each step of stopping may take; together below the 10 s of the contract."""

    spread_ms: int = 3_000
    """Milliseconds over which clients are told to come back: not all at once. Where other nodes
    may take them (``database_url`` is set), each is served until its moment."""

    commands_s: float = 1.5
    """Seconds for commands that were taken to be answered; a commit takes milliseconds."""

    sockets_s: float = 1.0
    """Seconds for connections to take their last bytes; a client that reads nothing is cut off."""

    followers_s: float = 0.5
    """Seconds for projector and relay to end what they do; a transaction may be rolled back."""

    pools_s: float = 0.5
    """Seconds for connections to PostgreSQL to be given back; then they are cut."""

    spans_s: float = 0.5
    """Seconds for spans that wait to be sent to the collector; then they are lost."""

    database_s: float = 4.0
    """Seconds for the embedded PostgreSQL; it goes on ending by itself when this is not enough."""


@dataclass(frozen=True)
class Settings:
    """Everything that an operator may set."""

    data: Path = Path(".parley")
    """Directory for the embedded PostgreSQL, the master key and ``credentials.json``."""

    host: str = "127.0.0.1"
    """Address to listen on; this machine only, unless something in front speaks TLS."""

    port: int = field(default=8080, metadata={"least": 0, "most": 65535})
    """Port to listen on; 0 takes a free one and says which."""

    public_url: str | None = None
    """URL under which clients reach the product; by default that of host and port."""

    trusted_proxies: tuple[str, ...] = ()
    """Addresses and networks (``10.0.0.0/8``) whose ``X-Forwarded-For`` is believed; none, since
    anybody can write one."""

    database_url: str | None = field(default=None, repr=False)
    """URL of a PostgreSQL 15 or later; by default an embedded one runs below the data directory."""

    broker_url: str | None = field(default=None, repr=False)
    """URL of a RabbitMQ 3.10 or later; by default all runs in one process, without one."""

    redis_url: str | None = field(default=None, repr=False)
    """URL of a Redis 7 or a Valkey; by default presence and limits are each process's own."""

    geo_data: Path | None = None
    """Table of regions and cities by address: a file ``.mmdb`` or a folder of them, as MaxMind and
    DB-IP have it; by default visitors have a country only, for which a table is in the program."""

    postgres_bin: Path | None = None
    """Directory of the embedded PostgreSQL's programs; by default those from the Python wheel."""

    master_key: tuple[bytes, ...] | None = field(default=None, repr=False)
    """32 bytes in base64 or hex that wrap all other keys; older keys may follow, separated by
    commas. By default they are in the file ``master.key`` of the data directory."""

    roles: frozenset[Role] = ALL
    """Roles to run, separated by commas: all in one process, which a small site needs."""

    limits_enabled: bool = True
    """Whether the limits of rate hold; off for load tests. Those of size and time always do."""

    heartbeat_s: int = 25
    """Seconds between WebSocket pings; below the 30 s after which proxies drop idle sockets."""

    log_level: str = "info"
    """Least level that is logged: debug, info, warning or error."""

    log_format: str = "text"
    """Form of the log's lines: text (``key=value``) or json."""

    web: Path = CHECKOUT / "web" / "dist"
    """Directory of the built web files."""

    projections: tuple[str, ...] = ()
    """The operator's own projections, as import paths (``package.module:factory``); see
    ``docs/projections.md``. They must be installed wherever a projector or a rebuild runs."""

    server: ServerSettings = field(default_factory=ServerSettings)
    sockets: SocketSettings = field(default_factory=SocketSettings)
    handling: HandlingLimits = field(default_factory=HandlingLimits)
    commits: CommitSettings = field(default_factory=CommitSettings)
    postgres: PostgresSettings = field(default_factory=PostgresSettings)
    doors: DoorSettings = field(default_factory=DoorSettings)
    passwords: Argon2Settings = field(default_factory=Argon2Settings)
    broker: BrokerSettings = field(default_factory=BrokerSettings)
    relay: RelaySettings = field(default_factory=RelaySettings)
    tail: TailSettings = field(default_factory=TailSettings)
    projector: ProjectorSettings = field(default_factory=ProjectorSettings)
    search: SearchSettings = field(default_factory=SearchSettings)
    build: BuildSettings = field(default_factory=BuildSettings)
    files: FileSettings = field(default_factory=FileSettings)
    api: ApiSettings = field(default_factory=ApiSettings)
    limits: LimitSettings = field(default_factory=LimitSettings)
    redis: RedisSettings = field(default_factory=RedisSettings)
    presence: PresenceSettings = field(default_factory=PresenceSettings)
    webhooks: WebhookSettings = field(default_factory=WebhookSettings)
    router: RouterSettings = field(default_factory=RouterSettings)
    breakers: BreakerSettings = field(default_factory=BreakerSettings)
    tracing: TracingSettings = field(default_factory=TracingSettings)
    stop: StopSettings = field(default_factory=StopSettings)
    supervisor: SupervisorSettings = field(default_factory=SupervisorSettings)

    def __post_init__(self) -> None:
        _one_of("log_level", self.log_level, LOG_LEVELS)
        _one_of("log_format", self.log_format, LOG_FORMATS)
        if self.public_url is not None:
            _web_url("public_url", self.public_url)
        if self.database_url is not None:
            _database_url("database_url", self.database_url)
        if self.broker_url is not None:
            _server_url("broker_url", self.broker_url, "amqp", "RabbitMQ")
        if self.redis_url is not None:
            _server_url("redis_url", self.redis_url, "redis", "Redis")
        for proxy in self.trusted_proxies:
            _network("trusted_proxies", proxy)
        for network in self.webhooks.networks:
            _network("webhooks.networks", network)
        _times_of_webhooks(self.webhooks)
        _times_of_presence(self.presence)
        _times_of_router(self.router)
        _traces(self.tracing)
        _store_of_files(self.files)

    @property
    def embedded(self) -> bool:
        """Whether PostgreSQL is the product's own."""
        return self.database_url is None


def master_keys_of(text: str) -> tuple[bytes, ...]:
    """Master keys as they are written, the current one first; what follows a # is no key.

    Raises ValueError.
    """
    lines = [line.partition("#")[0] for line in text.splitlines()]
    keys = tuple(map(_master_key_of, " ".join(lines).replace(",", " ").split()))
    if not keys or any(len(key) != MASTER_KEY_BYTES for key in keys):
        raise ValueError("no master key")
    return keys


def _master_key_of(word: str) -> bytes:
    """One key, in hex or in base64 of either alphabet."""
    if len(word) == 2 * MASTER_KEY_BYTES:
        return bytes.fromhex(word)
    padded = word + "=" * (-len(word) % 4)
    return base64.b64decode(padded.translate(str.maketrans("-_", "+/")), validate=True)


def roles_of(text: str) -> frozenset[Role]:
    """The roles of these names; all when there are none."""
    return parse(part.strip() for part in text.split(",") if part.strip())


def _one_of(where: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise BadSetting(where, f"is none of {', '.join(allowed)}")


def _web_url(where: str, value: str) -> None:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment:
        raise BadSetting(where, "is not a web address such as https://chat.example.com")


def _traces(tracing: TracingSettings) -> None:
    """Refuse traces that nobody takes, and batches that never fill."""
    if tracing.endpoint is not None:
        _web_url("tracing.endpoint", tracing.endpoint)
    elif tracing.sample:
        raise BadSetting(
            "tracing.sample", "is of no use without tracing.endpoint, which takes them"
        )
    if tracing.batch_spans > tracing.queue_spans:
        raise BadSetting("tracing.batch_spans", "is more than tracing.queue_spans, which may wait")


def _store_of_files(files: FileSettings) -> None:
    """Refuse a store that could not be asked, and types that nobody knows."""
    for each in files.types:
        if each not in TYPES:
            raise BadSetting("files.types", f"has a type that is not known: {each!r}")
    if files.endpoint is not None:
        _web_url("files.endpoint", files.endpoint)
    if files.url is None:
        return
    parts = urlsplit(files.url)
    if parts.scheme != "s3" or not parts.netloc or parts.query or "@" in parts.netloc:
        raise BadSetting("files.url", "is no bucket such as s3://bucket/prefix")
    if files.access_key is None or files.secret_key is None:
        raise BadSetting("files.url", "needs files.access_key and files.secret_key")


def _network(where: str, value: str) -> None:
    """As uvicorn reads them: what it cannot read it would never match, without a word."""
    try:
        ip_network(value)
    except ValueError as error:
        what = f"is neither an address nor a network such as 10.0.0.0/8: {value!r}"
        raise BadSetting(where, what) from error


def _times_of_webhooks(webhooks: WebhookSettings) -> None:
    """Refuse a lease that ends while a request is still on its way."""
    if webhooks.lease_s < webhooks.deadline_s + LEASE_MARGIN_S:
        least = f"webhooks.deadline_s and {LEASE_MARGIN_S:g} s more"
        raise BadSetting("webhooks.lease_s", f"must be {least}: {webhooks.lease_s:g}")


def _times_of_router(router: RouterSettings) -> None:
    """A router that lost a shard must be done before another decides on it."""
    if not router.poll_s < router.lease_s < router.settle_s:
        raise BadSetting(
            "router.lease_s",
            f"must be between router.poll_s and router.settle_s: {router.lease_s:g}",
        )


def _times_of_presence(presence: PresenceSettings) -> None:
    """Refuse times under which people would be gone though their node is well."""
    where, ttl_s = "presence.ttl_s", presence.ttl_s
    if ttl_s < 2 * presence.beat_s:
        raise BadSetting(where, f"must be twice presence.beat_s or more: {ttl_s:g}")
    if ttl_s < presence.grace_s:
        raise BadSetting(where, f"must be presence.grace_s or more: {ttl_s:g}")


def _server_url(where: str, value: str, scheme: str, server: str) -> None:
    """Refuse what is no URL of such a server, without repeating it: there is a password in it."""
    try:
        parts = urlsplit(value)
        well = parts.scheme in {scheme, f"{scheme}s"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        well = False
    if not well:
        raise BadSetting(
            where, f"is no URL of a {server} such as {scheme}://user:password@host:port/"
        )


def _database_url(where: str, value: str) -> None:
    """Refuse what is no URL of PostgreSQL, without repeating it: there is a password in it."""
    try:
        parts = urlsplit(value)
        well = parts.scheme in {"postgresql", "postgres"} and bool(hosts_of(value))
    except ValueError:
        well = False
    if not well:
        raise BadSetting(
            where, "is no URL of a PostgreSQL such as postgresql://user:password@host:5432/database"
        )


def hosts_of(url: str) -> list[str]:
    """The hosts of a database's URL, with their ports, and nothing of who signs in there.

    Several may stand in it, and none where a socket is meant. Raises ValueError.
    """
    parts = urlsplit(url)
    named = [name for name in parts.netloc.rpartition("@")[2].split(",") if name]
    named = named or [*parse_qs(parts.query).get("host", ["localhost"])]
    for name in named:
        _ = urlsplit(f"//{name}").port
    return named
