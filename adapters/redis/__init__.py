"""Redis or Valkey: what nodes share beside the log, and can do without."""
