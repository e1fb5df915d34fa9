"""The HTTP API. Knows the domain and the read models' readers by their protocols; nothing else."""
