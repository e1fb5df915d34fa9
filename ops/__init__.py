"""Ops: the one room that reads the environment, knows every other room, and wires them."""
