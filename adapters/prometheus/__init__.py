"""Figures for Prometheus: plain numbers while they are taken, the library's forms when asked."""
