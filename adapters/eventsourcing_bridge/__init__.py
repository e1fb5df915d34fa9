"""A bridge for applications of the library ``eventsourcing``: one tenant's log as their recorder.

It stands on the ports alone and knows no database; ``ops.bridge`` opens one for it. Nothing of
Parley runs through here.
"""
