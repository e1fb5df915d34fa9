"""Asking customers' servers: HTTP with httpcore, only where that is allowed, never for long."""
