"""The pure rules of Parley: what may happen, and what follows from it.

Nothing in this room does I/O, reads a clock, draws a random number or knows a framework. Time, ids
and the outside come in by the ports of ``domain.ports``.
"""
