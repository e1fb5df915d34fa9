"""Traces by OpenTelemetry. Only what records one loads the library: it is large."""
