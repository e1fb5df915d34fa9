"""Handling: from a command to its answer, over the ports. Async, but without I/O of its own."""
