"""The sockets of visitors and agents: a protocol without I/O, a hub, and a thin endpoint."""
