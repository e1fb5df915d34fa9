"""Read models: what the log comes to, folded into tables that can be thrown away and rebuilt.

This room knows the domain only. Its SQL runs over the ports of ``projections.ports``; it never
decides anything, and nothing in it is needed to keep a message.
"""
