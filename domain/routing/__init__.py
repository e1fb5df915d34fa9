"""Routing: which conversation goes to whom, and what else is due when somebody waits."""
