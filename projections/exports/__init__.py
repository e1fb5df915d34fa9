"""Conversations on their way out: read as of one position, and written in forms that others read.

Nothing is projected here: it stands on the session views, which say which conversations there are,
and on the log, which says what they were. No file and no socket is known here.
"""
