"""Presence in this process."""
