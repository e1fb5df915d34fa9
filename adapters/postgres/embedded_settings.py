"""PostgreSQL's settings for the embedded size, given on its command line at every start.

On the command line they outrank every configuration file, so that a directory from an older
release gets today's, and nobody can turn durability off by an edit.
"""

from collections.abc import Iterator, Mapping

# An acked message is on the disk (architecture: an ack means committed).
DURABILITY = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
}

# A small site's server beside its product: the whole of it stays far under 200 MB.
SIZE = {
    "shared_buffers": "32MB",
    "max_connections": "50",
    "work_mem": "4MB",
    "maintenance_work_mem": "32MB",
    "wal_buffers": "1MB",
    "min_wal_size": "64MB",
    "max_wal_size": "256MB",
    "autovacuum_max_workers": "2",
    "max_worker_processes": "4",
    "max_parallel_workers": "2",
    "max_parallel_workers_per_gather": "0",  # a query forks no helpers beside the chat
    "max_wal_senders": "3",  # enough for a backup
    "max_replication_slots": "2",
    "max_logical_replication_workers": "0",  # nor a launcher that waits for them
    "huge_pages": "off",
    "jit": "off",  # compiling costs more than any of our queries
}

# Settings that an older PostgreSQL would refuse, by the major version that brought them.
SINCE = {
    # After a crash all files are brought to the disk before recovery: by one call for the file
    # system instead of a look at each of some thousand files, which took longer than all the rest.
    14: {"recovery_init_sync_method": "syncfs"},
    18: {
        "io_method": "sync",  # without the three worker processes of the default
        "autovacuum_worker_slots": "2",
    },
}

# What people write must not reach the log. Statements and parameters are never logged, and texts of
# errors, which may quote a value, neither: of PostgreSQL's levels `log` leaves out `error`.
PRIVACY = {
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_min_duration_sample": "-1",
    "log_duration": "off",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_checkpoints": "off",
    "log_autovacuum_min_duration": "-1",
    "log_line_prefix": "%m [%p] ",
    "log_timezone": "UTC",
    "logging_collector": "off",
}

ALWAYS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "restart_after_crash": "on",  # after the death of one backend
}


def server_settings(major: int, port: int, socket_directory: str) -> dict[str, str]:
    """Every setting of a server of this major version at this address."""
    address = {"port": str(port), "unix_socket_directories": socket_directory}
    settings = SIZE | PRIVACY | ALWAYS | address | DURABILITY
    for since, newer in SINCE.items():
        settings |= newer if major >= since else {}
    return settings


def as_arguments(settings: Mapping[str, str]) -> Iterator[str]:
    """The settings as `postgres` takes them."""
    for name, value in settings.items():
        yield "-c"
        yield f"{name}={value}"
