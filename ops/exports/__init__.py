"""Conversations into files, for an operator: a killed export can be gone on with."""
